// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The effect of another list of rules, computed before it is saved: what devices may send each other more or less, rules that never decide,
/// and flows that end.
public struct RulesEffect: Sendable {
    /// A rule that never decides, because an earlier one always does. Both by their numbers, from 1.
    public struct Shadowed: Hashable, Sendable {
        public let rule: Int
        public let by: Int
    }

    /// The maximum number of lines of one kind. Further lines are only counted.
    private static let shown = 8

    /// The new list.
    public let rules: RuleList
    /// What devices may start more and less. Nil if the rules tell too many devices apart; see `RuleSurvey`.
    public let differences: (gained: [ServiceDifference], lost: [ServiceDifference])?
    /// Pairs of devices that may change, too, but were not compared, because there are too many.
    public let uncompared: Int
    public let shadowed: [Shadowed]
    /// How many flows that are alive now would end. Nil until it was asked for, or without a running hub.
    public var endingFlows: Int?

    /// Compares what passes now with what passes under `rules`, for at most `limit` pairs.
    public init(_ rules: RuleList, on overview: Overview, limit: Int = RuleSurvey.maximumPairs) {
        self.rules = rules
        shadowed = RuleShadows(rules, overview.devices).all
        let survey = RuleSurvey(before: overview.reachability, after: overview.reachability.changing(rules: rules), limit: limit)
        differences = survey?.differences
        uncompared = survey?.uncompared ?? 0
    }

    /// The effect as sentences.
    public var lines: [(kind: Effect.Kind, text: Phrase)] {
        let count = rules.rules.count { $0.enabled }
        let end: Phrase = rules.end == .allow ? "everything else passes" : "nothing else passes"
        var lines: [(kind: Effect.Kind, text: Phrase)] = [
            (.change, .counting(count, "\(Amount.count(count)) rule decides; \(end) | \(Amount.count(count)) rules decide; \(end)"))
        ]
        if let differences {
            lines += ServiceDifference.lines(.gain, differences.gained, shown: Self.shown)
            lines += ServiceDifference.lines(.loss, differences.lost, shown: Self.shown)
            if uncompared > 0 {
                let (count, number) = (uncompared, Amount.count(uncompared))
                lines.append(
                    (
                        .warning,
                        .counting(
                            count,
                            "\(number) more pair may change in the same way; it was not compared. | \(number) more pairs may change in the same way; they were not compared."
                        )
                    ))
            } else if differences.gained.isEmpty, differences.lost.isEmpty {
                lines.append((.plain, "Devices may send each other what they could before."))
            }
        } else {
            lines.append((.warning, "The rules tell too many devices apart to compare all pairs. Check single pairs with the doctor."))
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
        [
            "services_gained": differences.map { ServiceDifference.json($0.gained) } ?? .null,
            "services_lost": differences.map { ServiceDifference.json($0.lost) } ?? .null,
            "pairs_not_compared": differences == nil ? .null : .integer(Int64(uncompared)),
            "shadowed": .array(shadowed.map { ["rule": .integer(Int64($0.rule)), "by": .integer(Int64($0.by))] }),
            "flows_ended": endingFlows.map { .integer(Int64($0)) } ?? .null,
        ]
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
