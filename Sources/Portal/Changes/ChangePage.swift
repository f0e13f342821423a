// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// One change: what it did, and what taking it back would do.
struct ChangePage {
    static let page = Page(
        "change",
        TemplateShape("number iso at ago who entries[what changes[]] more refusal untried awaited{deadline left}").merging(Effect.shape))

    /// Entries shown; a change of many devices says how many more there are.
    static let maximumEntries = 50
    /// Taking back more entries than this is not tried beforehand: it costs as much as doing it.
    static let maximumTried = 300

    /// With its first entries at least.
    let change: Change
    /// The name of the device with this id.
    let names: (String) -> String?
    let reversal: Reversal
    let now: UnixTime

    /// What taking it back would do.
    enum Reversal {
        case effect(Effect)
        /// Nobody tried: the change is too large.
        case untried
        /// It cannot be taken back, and why.
        case refused(Phrase)
    }

    var values: [String: TemplateValue] {
        let entries = change.entries.filter { $0.action != "change.revert" || change.entryCount == 1 }
        let more = change.entryCount - change.entries.count + entries.count - Self.maximumEntries
        var (effect, refusal, isUntried): (TemplateValue, Phrase, Bool) = (false, "", false)
        switch reversal {
        case .effect(let reversal): effect = reversal.value
        case .untried: isUntried = true
        case .refused(let reason): refusal = reason
        }
        return [
            "number": .number(change.generation), "iso": .text(change.at.iso), "at": .phrase(change.at.phrase),
            "ago": .phrase(change.at.relative(to: now)),
            "who": .phrase(AuditFields.author(change.author.name)),
            "entries": .list(
                entries.prefix(Self.maximumEntries).map {
                    ["what": .phrase(AuditWords.sentence($0, names)), "changes": .list(AuditWords.changes($0).map { .phrase($0) })]
                }),
            "more": .phrase(more > 0 ? .counting(more, "and \(Amount.count(more)) more device | and \(Amount.count(more)) more devices") : ""),
            "effect": effect,
            "refusal": .phrase(refusal), "untried": .flag(isUntried),
            "awaited": change.awaited.map {
                ["deadline": .phrase($0.deadline.phrase), "left": .phrase(Amount.age($0.deadline.seconds(since: now)))]
            } ?? false,
        ]
    }
}
