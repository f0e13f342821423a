// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// One change: what it did, and what taking it back would do.
struct ChangePage {
    static let page = Page(
        "change",
        TemplateShape("number iso at ago who entries[what changes[]] more refusal awaited{deadline left}").merging(Effect.shape))

    /// Entries shown; a change of many devices says how many more there are.
    private static let maximumEntries = 50

    let change: Change
    /// The name of the device with this id.
    let names: (String) -> String?
    /// What taking it back would do, or why it cannot be.
    let reversal: Result<Effect, Refusal>
    let now: UnixTime

    /// Why a change cannot be taken back.
    struct Refusal: Error {
        let reason: Phrase
    }

    var values: [String: TemplateValue] {
        let entries = change.entries.filter { $0.action != "change.revert" || change.entries.count == 1 }
        let more = entries.count - Self.maximumEntries
        var (effect, refusal): (TemplateValue, Phrase) = (false, "")
        switch reversal {
        case .success(let reversal): effect = reversal.value
        case .failure(let why): refusal = why.reason
        }
        return [
            "number": .number(change.generation), "iso": .text(change.at.iso), "at": .phrase(change.at.phrase),
            "ago": .phrase(change.at.relative(to: now)),
            "who": .text(change.author.name),
            "entries": .list(
                entries.prefix(Self.maximumEntries).map {
                    ["what": .phrase(AuditWords.sentence($0, names)), "changes": .list(AuditWords.changes($0).map { .phrase($0) })]
                }),
            "more": .phrase(more > 0 ? .counting(more, "and \(more) more device | and \(more) more devices") : ""), "effect": effect,
            "refusal": .phrase(refusal),
            "awaited": change.awaited.map {
                ["deadline": .phrase($0.deadline.phrase), "left": .phrase(Amount.age($0.deadline.seconds(since: now)))]
            } ?? false,
        ]
    }
}
