// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Who owns which address and who may reach what: the hub's one decision (Documentation/contract.md section 1).
///
/// A member is a number that the caller chose, small and dense: a peer's slot in the engine, a row in the portal.
/// The packet loop, the reachability page, the doctor and the API all call `decide`; there is no second opinion.
/// A copy is a value, so a reader's table never changes under it (WG-A-6, WG-A-7).
public struct ForwardingTable: Sendable {
    public typealias Member = UInt32

    /// The member that stands for the hub itself.
    public static let hub: Member = .max - 1

    /// What happens to a packet.
    public enum Verdict: Equatable, Sendable {
        /// Encrypt it to this member.
        case forward(Member)
        /// It is for the hub's own tunnel address.
        case deliver
        /// `.sourceNotAllowed`, `.noRouteToPeer`, `.notInAllowedIPs` or `.notInReceiversAllowedIPs`.
        case refuse(DropReason)
    }

    private struct Lists: Sendable {
        var v4 = PrefixTables<UInt32>.empty
        var v6 = PrefixTables<UInt128>.empty
    }

    /// What readers need. Flat arrays, so that a copy that outlives a change costs one memcpy.
    public private(set) var decisions = Decisions()

    private var owned: [Member: [IPPrefix]] = [:]
    private var lists: [Member: [IPPrefix]] = [:]
    private var shared: [[IPPrefix]: (tables: Lists, users: Int)] = [:]

    public init() {}

    /// See `Decisions.decide`.
    @inlinable public func decide(from sender: Member, source: IPAddress, destination: IPAddress) -> Verdict {
        decisions.decide(from: sender, source: source, destination: destination)
    }

    /// Who owns an address, nil where nobody does.
    public func owner(of address: IPAddress) -> Member? { decisions.owner(of: address) }

    /// True when the allowed IPs of `member` cover the address.
    public func allows(_ member: Member, _ address: IPAddress) -> Bool { decisions.allows(member, address) }

    /// The prefixes that `member` owns now, in the order they were given.
    public func ownedPrefixes(of member: Member) -> [IPPrefix] { owned[member] ?? [] }

    /// Replaces what `member` owns. A prefix that another one owns moves over (WG-A-2); taking it away later does not bring it back (WG-A-3).
    public mutating func setOwned(_ prefixes: [IPPrefix], by member: Member) {
        let kept = Set(prefixes)
        for prefix in owned[member] ?? [] where !kept.contains(prefix) { removeOwner(prefix) }
        var losers: Set<Member> = []
        for prefix in prefixes {
            if let previous = exactOwner(prefix), previous != member { losers.insert(previous) }
            insertOwner(prefix, member)
        }
        for loser in losers { owned[loser]?.removeAll { kept.contains($0) } }
        owned[member] = prefixes.isEmpty ? nil : prefixes
    }

    /// Replaces what `member` may reach. The hub has no list: it is reached and reaches nobody by itself.
    public mutating func setAllowed(_ prefixes: [IPPrefix], for member: Member) {
        growAllowed(to: Int(member) + 1)
        releaseList(of: member)
        guard !prefixes.isEmpty else { return }
        let tables = shared[prefixes]?.tables ?? build(prefixes)
        shared[prefixes, default: (tables, 0)].users += 1
        lists[member] = prefixes
        decisions.allowed4[Int(member)] = tables.v4
        decisions.allowed6[Int(member)] = tables.v6
    }

    /// Forgets a member: its prefixes and its list.
    public mutating func remove(_ member: Member) {
        setOwned([], by: member)
        guard Int(member) < decisions.allowed4.count else { return }
        releaseList(of: member)
    }

    /// Prefixes in all tables; none after the last member went (WG-A-5).
    public var prefixCount: Int { decisions.tables4.count + decisions.tables6.count }

    private mutating func growAllowed(to count: Int) {
        while decisions.allowed4.count < count {
            decisions.allowed4.append(PrefixTables<UInt32>.empty)
            decisions.allowed6.append(PrefixTables<UInt128>.empty)
        }
    }

    private mutating func releaseList(of member: Member) {
        decisions.allowed4[Int(member)] = PrefixTables<UInt32>.empty
        decisions.allowed6[Int(member)] = PrefixTables<UInt128>.empty
        guard let list = lists.removeValue(forKey: member), var entry = shared[list] else { return }
        entry.users -= 1
        if entry.users == 0 {
            dismantle(list, &entry.tables)
            shared[list] = nil
        } else {
            shared[list] = entry
        }
    }

    private mutating func build(_ prefixes: [IPPrefix]) -> Lists {
        var tables = Lists()
        for prefix in prefixes {
            switch prefix.address {
            case .v4(let a): decisions.tables4.insert(a.bits, length: prefix.length, value: 0, in: &tables.v4)
            case .v6(let a): decisions.tables6.insert(a.bits, length: prefix.length, value: 0, in: &tables.v6)
            }
        }
        return tables
    }

    private mutating func dismantle(_ prefixes: [IPPrefix], _ tables: inout Lists) {
        for prefix in prefixes {
            switch prefix.address {
            case .v4(let a): decisions.tables4.remove(a.bits, length: prefix.length, from: &tables.v4)
            case .v6(let a): decisions.tables6.remove(a.bits, length: prefix.length, from: &tables.v6)
            }
        }
    }

    private mutating func insertOwner(_ prefix: IPPrefix, _ member: Member) {
        switch prefix.address {
        case .v4(let a): decisions.tables4.insert(a.bits, length: prefix.length, value: member, in: &decisions.owners4)
        case .v6(let a): decisions.tables6.insert(a.bits, length: prefix.length, value: member, in: &decisions.owners6)
        }
    }

    private mutating func removeOwner(_ prefix: IPPrefix) {
        switch prefix.address {
        case .v4(let a): decisions.tables4.remove(a.bits, length: prefix.length, from: &decisions.owners4)
        case .v6(let a): decisions.tables6.remove(a.bits, length: prefix.length, from: &decisions.owners6)
        }
    }

    private func exactOwner(_ prefix: IPPrefix) -> Member? {
        let member =
            switch prefix.address {
            case .v4(let a): decisions.tables4.value(of: a.bits, length: prefix.length, in: decisions.owners4)
            case .v6(let a): decisions.tables6.value(of: a.bits, length: prefix.length, in: decisions.owners6)
            }
        return member == PrefixTables<UInt32>.noValue ? nil : member
    }
}
