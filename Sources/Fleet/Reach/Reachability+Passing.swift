// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What rules let pass between the sides that were asked for, so that many pairs of devices cost little more than their links. Belongs to one
/// `Reachability`.
public struct ServiceMemo {
    private struct Way: Hashable {
        let from: RuleSet.Side
        let to: RuleSet.Side
    }

    private var known: [Way: ServiceSet] = [:]

    public init() {}

    fileprivate mutating func services(_ rules: RuleSet, from: RuleSet.Side, to: RuleSet.Side) -> ServiceSet {
        let way = Way(from: from, to: to)
        if let services = known[way] { return services }
        let services = rules.services(from: from, to: to)
        known[way] = services
        return services
    }
}

extension Reachability {
    /// What the rules let pass between two devices; nothing if they are not linked both ways.
    public func passing(_ a: Device, _ b: Device) -> Passing { passing(seat(of: a), seat(of: b)) }

    /// The same for the devices of two seats.
    public func passing(_ a: Seat, _ b: Seat) -> Passing {
        var memo = ServiceMemo()
        return passing(a, b, &memo)
    }

    /// The same for one of many pairs.
    public func passing(_ a: Seat, _ b: Seat, _ memo: inout ServiceMemo) -> Passing {
        guard let first = a.member, let second = b.member else { return .nothing }
        var sum = Passing.nothing
        if forwards(a.ipv4, b.ipv4, from: first, to: second) { sum = sum.union(ruled(a.kind.ipv4, b.kind.ipv4, &memo)) }
        if forwards(a.ipv6, b.ipv6, from: first, to: second) { sum = sum.union(ruled(a.kind.ipv6, b.kind.ipv6, &memo)) }
        return sum
    }

    /// What the rules would let pass in IPv4 and in IPv6 if the devices were linked.
    func ruled(_ a: Seat, _ b: Seat, _ memo: inout ServiceMemo) -> [Passing] {
        [ruled(a.kind.ipv4, b.kind.ipv4, &memo), ruled(a.kind.ipv6, b.kind.ipv6, &memo)]
    }

    /// The address families in which the rules would let something pass, as a bit mask like `Seat.families`.
    func openFamilies(_ a: Seat, _ b: Seat, _ memo: inout ServiceMemo) -> Int {
        guard hasRules else { return 3 }
        return ruled(a, b, &memo).enumerated().reduce(0) { $0 | ($1.element.extent == .nothing ? 0 : 1 << $1.offset) }
    }

    private func ruled(_ a: RuleSet.Side?, _ b: RuleSet.Side?, _ memo: inout ServiceMemo) -> Passing {
        guard let set = compiled?.set, let a, let b else { return .all }
        return Passing(there: memo.services(set, from: a, to: b), back: memo.services(set, from: b, to: a))
    }
}
