// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

extension Effect {
    /// The kind of effect that a line describes.
    public enum Kind: String, CaseIterable {
        case change, gain, loss, warning, plain

        /// The symbol shown before a line of this kind.
        public var sign: String {
            switch self {
            case .change: "·"
            case .gain: "+"
            case .loss: "−"
            case .warning: "!"
            case .plain: "="
            }
        }
    }

    /// The maximum number of lines of one kind. Further lines are only counted.
    private static let shown = 8

    /// The effect as sentences, in this order: fields, links, sessions, files.
    public var lines: [(kind: Kind, text: Phrase)] {
        guard changesAnything else { return [(.plain, "Nothing changes.")] }
        let ruleLines = rules?.lines ?? []
        guard !fields.isEmpty else {
            return ruleLines + removalLines + warningLines + (rules == nil ? [] : spokenLines)
                + (rules != nil && removed.isEmpty ? [] : [sessionLine])
        }
        return fieldLines + removalLines + warningLines + linkLines + spokenLines + ruleLines + [sessionLine] + fileLines
    }

    private var changesAnything: Bool { !fields.isEmpty || !removed.isEmpty || rules != nil }

    private var removalLines: [(kind: Kind, text: Phrase)] {
        let lines = removed.prefix(Self.shown).map {
            (Kind.loss, Phrase("\($0.name) is deleted, with its key and its settings. That cannot be undone."))
        }
        let more = removed.count - lines.count
        return more > 0 ? lines + [(.loss, .counting(more, "and \(more) more device | and \(more) more devices"))] : lines
    }

    /// What the change breaks although every rule permits it.
    private var warningLines: [(kind: Kind, text: Phrase)] {
        let trap: Phrase =
            switch trapped {
            case .none: ""
            case .devices(1): InternetExit.warning
            case .devices(let count): "This hub has no Internet exit. \(count) devices would lose their Internet connection."
            case .followers: "This hub has no Internet exit. Devices that follow this default would lose their Internet connection."
            }
        let more = overlaps.count - Self.shown
        let rest: Phrase = .counting(more, "and \(more) more overlap | and \(more) more overlaps")
        let all = [trap] + overlaps.prefix(Self.shown).map(\.sentence) + (more > 0 ? [rest] : [])
        return Self.lines(of: breaches) + all.filter { !$0.isEmpty }.map { (.warning, $0) }
    }

    /// Which expectations a change breaks.
    public static func lines(of breaches: [ExpectationCheck.Breach]) -> [(kind: Kind, text: Phrase)] {
        let more = breaches.count - shown
        let rest: Phrase = .counting(more, "and \(more) more expectation | and \(more) more expectations")
        let sentences = breaches.prefix(shown).map { Phrase("Breaks the expectation “\($0.sentence)”: \($0.reasons).") }
        return (sentences + (more > 0 ? [rest] : [])).map { (.warning, $0) }
    }

    /// The effect in a few words, such as "+1 link, 1 file out of date".
    public var summary: Phrase {
        guard changesAnything else { return "Nothing changes." }
        let amounts: [(Int, Phrase)] = [
            (removed.count, "\(removed.count) device deleted | \(removed.count) devices deleted"),
            (counts?.gained ?? 0, "+\(counts?.gained ?? 0) link | +\(counts?.gained ?? 0) links"),
            (counts?.lost ?? 0, "−\(counts?.lost ?? 0) link | −\(counts?.lost ?? 0) links"),
            (shiftedCount, "other services for \(shiftedCount) pair | other services for \(shiftedCount) pairs"),
            (breaches.count, "\(breaches.count) expectation broken | \(breaches.count) expectations broken"),
            (ended.count, "\(ended.count) session ends | \(ended.count) sessions end"),
            (stale.count, "\(stale.count) file out of date | \(stale.count) files out of date"),
        ]
        let parts = amounts.filter { $0.0 > 0 }.map { Phrase.counting($0.0, $0.1) } + (rules == nil ? [] : ["other rules"])
        return parts.isEmpty
            ? .counting(fields.count, "\(fields.count) field changes | \(fields.count) fields change") : parts.joined(separator: ", ")
    }

    private var fieldLines: [(kind: Kind, text: Phrase)] {
        let isOne = Set(fields.map { $0.device?.id ?? "" }).count == 1
        let lines = fields.prefix(Self.shown).map { field -> (Kind, Phrase) in
            let change: Phrase = "\(field.label): \(field.before) → \(field.after)"
            guard !isOne, let device = field.device else { return (.change, change) }
            return (.change, "\(device.name): \(change)")
        }
        let more = fields.count - lines.count
        return more > 0 ? lines + [(.change, .counting(more, "and \(more) more field | and \(more) more fields"))] : lines
    }

    private var linkLines: [(kind: Kind, text: Phrase)] {
        guard let counts else {
            return [(.warning, "There are too many different lists of allowed IPs to count links before saving. Reachability shows them afterwards.")]
        }
        var lines = gained.prefix(Self.shown).map { pair in
            (Kind.gain, reasonAfterwards(pair) ?? "\(pair.first.name) and \(pair.second.name) reach each other")
        }
        let moreGained = counts.gained - lines.count
        if moreGained > 0 {
            lines.append(
                (
                    .gain,
                    .counting(
                        moreGained,
                        lines.isEmpty ? "\(moreGained) link | \(moreGained) links" : "and \(moreGained) more link | and \(moreGained) more links")
                ))
        }
        lines += lost.prefix(Self.shown).map { (.loss, Self.loss($0.pair, $0.relation)) }
        let moreLost = counts.lost - min(lost.count, Self.shown)
        if moreLost > 0 {
            lines.append(
                (
                    .loss,
                    .counting(
                        moreLost, lost.isEmpty ? "\(moreLost) link | \(moreLost) links" : "and \(moreLost) more link | and \(moreLost) more links")
                ))
        }
        lines += ServiceDifference.lines(.gain, services.gained, shown: Self.shown)
        lines += ServiceDifference.lines(.loss, services.lost, shown: Self.shown)
        if areServicesUnknown {
            lines.append(
                (.warning, "The links are only counted. Which services the rules let pass was not compared, because there are too many pairs."))
        }
        if counts.lost == 0, removed.isEmpty, services.lost.isEmpty { lines.append((.plain, "No link is lost.")) }
        lines += refused.prefix(Self.shown).map { (.warning, reasonAfterwards($0) ?? "") }
        let moreRefused = refused.count - Self.shown
        if moreRefused > 0 {
            lines.append(
                (
                    .warning,
                    .counting(
                        moreRefused,
                        "and \(moreRefused) more pair to which the rules let nothing pass | and \(moreRefused) more pairs to which the rules let nothing pass"
                    )
                ))
        }
        lines += oneSided.prefix(Self.shown).map {
            (.warning, $0.whyNothingPasses)
        }
        let more = oneSided.count - Self.shown
        if more > 0 { lines.append((.warning, .counting(more, "and \(more) more one-sided link | and \(more) more one-sided links"))) }
        return lines
    }

    /// What the change cuts although it is used. Says nothing about a change that takes no link away.
    private var spokenLines: [(kind: Kind, text: Phrase)] {
        guard let cut, !cut.cuts.isEmpty || counts?.lost != 0 else { return [] }
        return cut.lines
    }

    private static func loss(_ pair: Pair, _ relation: Reachability.Relation) -> Phrase {
        let (first, second) = (pair.first.name, pair.second.name)
        return switch relation {
        case .out: "\(first) and \(second) no longer reach each other: \(second) does not list \(first)"
        case .in: "\(first) and \(second) no longer reach each other: \(first) does not list \(second)"
        case .both: "\(first) and \(second) no longer reach each other: the rules let nothing pass"
        case .none: "\(first) and \(second) no longer reach each other"
        }
    }

    private var sessionLine: (kind: Kind, text: Phrase) {
        guard let first = ended.first else { return (.plain, "No session ends.") }
        let count = ended.count
        return (
            .loss,
            count == 1
                ? "The session of \(first.name) ends: the hub no longer answers it."
                : .counting(
                    count,
                    "\(count) session ends: the hub no longer answers the device. | \(count) sessions end: the hub no longer answers the devices."
                )
        )
    }

    private var fileLines: [(kind: Kind, text: Phrase)] {
        guard !stale.isEmpty else { return [(.plain, "No device needs a new file.")] }
        let lines = stale.prefix(Self.shown).map { device, parts in
            (Kind.warning, Phrase("\(device.name) needs its new file: \(parts.joined(separator: ", "))"))
        }
        let more = stale.count - lines.count
        let rest: Phrase = .counting(
            more, "and \(more) more device needs its new file | and \(more) more devices need their new files")
        return more > 0 ? lines + [(.warning, rest)] : lines
    }
}

extension Effect.Pair {
    /// What is missing if only the first device lists the second.
    public var whyNothingPasses: Phrase {
        "\(first.name) lists \(second.name), but \(second.name) does not list \(first.name): nothing passes."
    }
}

extension Effect {
    /// The effect as counts and device ids. `generation` is null if the change was not saved or had no effect.
    public func json(generation: Int64?) -> JSON {
        let ids = { (devices: [Device]) -> JSON in .array(devices.map { .string($0.id) }) }
        return [
            "generation": generation.map { .integer($0) } ?? .null,
            "changed": ids(fields.compactMap(\.device).reduce(into: []) { if $0.last?.id != $1.id { $0.append($1) } }),
            "links_gained": counts.map { .integer(Int64($0.gained)) } ?? .null, "links_lost": counts.map { .integer(Int64($0.lost)) } ?? .null,
            "services_gained": areServicesUnknown ? .null : ServiceDifference.json(services.gained),
            "services_lost": areServicesUnknown ? .null : ServiceDifference.json(services.lost),
            "expectations_broken": .array(breaches.map { .string($0.expectation.id) }), "rules": rules?.json ?? .null,
            "spoken_pairs_cut": cut?.json ?? .null, "sessions_ended": ids(ended), "files_outdated": ids(stale.map(\.device)),
        ]
    }
}
