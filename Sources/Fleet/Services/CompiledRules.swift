// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The rules of a hub, compiled for the members of a forwarding table: the decision that the engine makes too.
struct CompiledRules: Sendable {
    let set: RuleSet
    /// The place in the list, from 0, of each rule in `set`.
    private let places: [Int]

    /// `devices` are all devices; `member` gives the member of the device at a place. Nil if the rules refuse nothing.
    init?(_ list: RuleList, devices: [Device], member: (Int) -> ForwardingTable.Member) {
        guard !list.allowsAll else { return nil }
        let members = RuleMembers(list, devices)
        func compiled(_ party: ServiceRule.Party) -> Rule.Party {
            switch party {
            case .any: .any
            case .prefix(let prefix): .prefix(prefix)
            case .internet: .internet
            case .hub: .members([ForwardingTable.hub])
            case .device, .tag: .members(Set(members.places(of: party).map(member)))
            }
        }
        let counting = list.rules.indices.filter { list.rules[$0].enabled }
        set = RuleSet(
            counting.map { place in
                let rule = list.rules[place]
                return Rule(rule.action, from: compiled(rule.from), to: compiled(rule.to), service: rule.service)
            }, end: list.end)
        places = Array(counting.prefix(set.count))
    }

    /// The number of a rule for people, from 1, by its place in `set`; nil for the end of the list.
    func number(_ rule: Int) -> Int? { places.indices.contains(rule) ? places[rule] + 1 : nil }
}

/// Which devices the sides of rules name.
public struct RuleMembers: Sendable {
    private var byID: [String: Int] = [:]
    private var byTag: [Tag: [Int]] = [:]

    /// `devices` are all devices. Their places are what `places` returns.
    public init(_ list: RuleList, _ devices: [Device]) {
        var (ids, tags): (Set<String>, Set<Tag>) = ([], [])
        for rule in list.rules where rule.enabled {
            for party in [rule.from, rule.to] {
                switch party {
                case .device(let id): ids.insert(id)
                case .tag(let tag): tags.insert(tag)
                case .any, .prefix, .internet, .hub: break
                }
            }
        }
        guard !ids.isEmpty || !tags.isEmpty else { return }
        for (place, device) in devices.enumerated() {
            if ids.contains(device.id) { byID[device.id] = place }
            for tag in device.tags where tags.contains(tag) { byTag[tag, default: []].append(place) }
        }
    }

    /// The places of the devices that a side names by name or tag.
    public func places(of party: ServiceRule.Party) -> [Int] {
        switch party {
        case .device(let id): byID[id].map { [$0] } ?? []
        case .tag(let tag): byTag[tag] ?? []
        case .any, .prefix, .internet, .hub: []
        }
    }
}

/// What two linked devices may send each other.
public struct Passing: Equatable, Sendable {
    /// How much of it the rules let pass.
    public enum Extent: Sendable {
        case all, part, nothing
    }

    /// What the first device may start, and what the second one may. What one has started, the other may answer.
    public let there: ServiceSet
    public let back: ServiceSet

    /// Nothing passes.
    public static let nothing = Passing(there: .none, back: .none)
    /// Everything passes.
    public static let all = Passing(there: .all, back: .all)

    public init(there: ServiceSet, back: ServiceSet) { (self.there, self.back) = (there, back) }

    /// What passes in either.
    func union(_ other: Passing) -> Passing {
        if self == .nothing || other == .all { return other }
        return Passing(there: there.union(other.there), back: back.union(other.back))
    }

    /// How much passes, in both directions together.
    public var extent: Extent { there.isAll && back.isAll ? .all : there.isEmpty && back.isEmpty ? .nothing : .part }
}

extension ServiceSet {
    /// The set in words, such as “tcp 22”, “everything but icmp”, “everything” or “nothing”.
    public var phrase: Phrase {
        if isAll { return "everything" }
        if isEmpty { return "nothing" }
        let list = Phrase(verbatim: (isMostly ? missing : self).services.map(\.description).joined(separator: "; "))
        return isMostly ? "everything but \(list)" : list
    }
}
