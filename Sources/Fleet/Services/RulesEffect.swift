// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The effect of another list of rules, computed before it is saved: what devices may send each other more or less, rules that never decide,
/// and flows that end.
public struct RulesEffect: Sendable {
    /// What one device may start at another, more or less than before.
    public struct Difference: Equatable, Sendable {
        public let from: Device
        public let to: Device
        public let services: ServiceSet
    }

    /// A rule that never decides, because an earlier one always does. Both by their numbers, from 1.
    public struct Shadowed: Hashable, Sendable {
        public let rule: Int
        public let by: Int
    }

    /// The maximum number of lines of one kind. Further lines are only counted.
    private static let shown = 8

    /// The new list.
    public let rules: RuleList
    /// Nil if there are too many pairs of devices to compare; see `Effect.namedPairs`.
    public let differences: (gained: [Difference], lost: [Difference])?
    public let shadowed: [Shadowed]
    /// How many flows that are alive now would end. Nil until it was asked for, or without a running hub.
    public var endingFlows: Int?

    /// Compares what passes now with what passes under `rules`.
    public init(_ rules: RuleList, on overview: Overview) {
        self.rules = rules
        shadowed = RuleShadows(rules, overview.devices).all
        let count = overview.devices.count
        guard count * count / 2 <= Effect.namedPairs else {
            differences = nil
            return
        }
        let before = overview.reachability
        let after = before.changing(rules: rules)
        let seats = before.seats
        var (gained, lost): ([Difference], [Difference]) = ([], [])
        for first in seats.indices {
            for second in seats.indices where second > first {
                let (was, now) = (before.passing(seats[first], seats[second]), after.passing(seats[first], seats[second]))
                guard was != now else { continue }
                let (a, b) = (overview.devices[first], overview.devices[second])
                for (from, to, old, new) in [(a, b, was.there, now.there), (b, a, was.back, now.back)] {
                    let (more, less) = (new.subtracting(old), old.subtracting(new))
                    if !more.isEmpty { gained.append(Difference(from: from, to: to, services: more)) }
                    if !less.isEmpty { lost.append(Difference(from: from, to: to, services: less)) }
                }
            }
        }
        differences = (gained, lost)
    }

    /// The effect as sentences.
    public var lines: [(kind: Effect.Kind, text: Phrase)] {
        let count = rules.rules.count { $0.enabled }
        let end: Phrase = rules.end == .allow ? "everything else passes" : "nothing else passes"
        var lines: [(kind: Effect.Kind, text: Phrase)] = [
            (.change, .counting(count, "\(Amount.count(count)) rule decides; \(end) | \(Amount.count(count)) rules decide; \(end)"))
        ]
        if let differences {
            lines += Self.lines(.gain, differences.gained) + Self.lines(.loss, differences.lost)
            if differences.gained.isEmpty, differences.lost.isEmpty { lines.append((.plain, "Devices may send each other what they could before.")) }
        } else {
            lines.append((.plain, "There are too many devices to compare all pairs. Check single pairs with the doctor."))
        }
        lines += shadowed.prefix(Self.shown).map { (.warning, $0.sentence) }
        if let endingFlows, endingFlows > 0 {
            let number = Amount.count(endingFlows)
            lines.append((.loss, .counting(endingFlows, "\(number) connection that is open now ends | \(number) connections that are open now end")))
        }
        return lines
    }

    /// For the API: what devices may start at others, more and less than before, rules that never decide, and connections that end.
    public var json: JSON {
        let list = { (differences: [Difference]?) -> JSON in
            guard let differences else { return .null }
            return .array(
                differences.prefix(100).map {
                    ["from": .string($0.from.id), "to": .string($0.to.id), "services": .string($0.services.description)]
                })
        }
        return [
            "services_gained": list(differences?.gained), "services_lost": list(differences?.lost),
            "shadowed": .array(shadowed.map { ["rule": .integer(Int64($0.rule)), "by": .integer(Int64($0.by))] }),
            "flows_ended": endingFlows.map { .integer(Int64($0)) } ?? .null,
        ]
    }

    private static func lines(_ kind: Effect.Kind, _ differences: [Difference]) -> [(kind: Effect.Kind, text: Phrase)] {
        let more = differences.count - shown
        let named = differences.prefix(shown).map { (kind, Phrase("\($0.from.name) → \($0.to.name): \($0.services.phrase)")) }
        guard more > 0 else { return named }
        return named + [(kind, .counting(more, "and \(Amount.count(more)) more direction | and \(Amount.count(more)) more directions"))]
    }
}

extension RulesEffect.Shadowed {
    /// Why the rule never decides.
    public var sentence: Phrase { "Rule \(rule) never decides: rule \(by) matches everything that it matches." }
}

/// Which rules never decide because one earlier rule matches everything that they match.
struct RuleShadows {
    /// In the order of the list.
    let all: [RulesEffect.Shadowed]

    init(_ list: RuleList, _ devices: [Device]) {
        let members = RuleMembers(list, devices)
        var earlier: [(number: Int, rule: ServiceRule, services: ServiceSet)] = []
        var found: [RulesEffect.Shadowed] = []
        for (place, rule) in list.rules.enumerated() where rule.enabled {
            let services = ServiceSet(rule.service)
            let cover = earlier.first { other in
                Self.covers(other.rule.from, rule.from, members, devices) && Self.covers(other.rule.to, rule.to, members, devices)
                    && services.subtracting(other.services).isEmpty
            }
            if let cover {
                found.append(RulesEffect.Shadowed(rule: place + 1, by: cover.number))
            } else {
                earlier.append((place + 1, rule, services))
            }
        }
        all = found
    }

    /// True if one side holds every packet that the other one holds.
    private static func covers(
        _ wide: ServiceRule.Party, _ narrow: ServiceRule.Party, _ members: RuleMembers, _ devices: [Device]
    ) -> Bool {
        guard wide != narrow else { return true }
        let places = { (party: ServiceRule.Party) in members.places(of: party) }
        switch (wide, narrow) {
        case (.any, _): return true
        case (.prefix(let outer), .prefix(let inner)): return outer.contains(inner)
        case (.device, .device), (.device, .tag), (.tag, .device), (.tag, .tag):
            return Set(places(narrow)).isSubset(of: places(wide)) && !places(narrow).isEmpty
        case (.prefix(let outer), .device), (.prefix(let outer), .tag):
            let owned = places(narrow).flatMap { devices[$0].ownedPrefixes }
            return !owned.isEmpty && owned.allSatisfy { outer.contains($0) }
        default: return false
        }
    }
}

extension RuleList {
    /// The rules that never decide, by their numbers.
    public func shadowed(among devices: [Device]) -> [RulesEffect.Shadowed] { RuleShadows(self, devices).all }
}
