// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Which member owns which address, and which members may exchange packets (Documentation/contract.md section 1).
///
/// A member is a small, dense number that the caller chooses: a peer's slot in the engine, a row in the portal. Number 0 is the hub. The
/// packet loop, the reachability page, the doctor and the API all call `decide`, so they always agree.
/// This is a value type: changing one copy never changes the table that another reader holds (WG-A-6, WG-A-7).
public struct ForwardingTable: Sendable {
    public typealias Member = UInt32

    /// The hub itself. It has prefixes and a list like any other member. A packet to an address that the hub owns is always delivered to
    /// the hub, whatever the lists say, and never encrypted to a peer.
    public static let hub: Member = 0

    /// Whoever is not a member, on the other side of the hub's way out. Only rules know it.
    public static let outside: Member = .max

    /// Where a packet goes whose destination nobody owns.
    public enum Way: UInt32, Sendable {
        /// Out of the network, through the hub's host.
        case out = 0
        /// Nowhere, since the hub has no way out.
        case closed = 1
        /// Nowhere: the address is part of the tunnel's networks, or no machine can have it.
        case nowhere = 2
    }

    /// What happens to a packet.
    public enum Verdict: Equatable, Sendable {
        /// Encrypt the packet to this member.
        case forward(Member)
        /// Deliver the packet to the hub: its destination is the hub's own tunnel address.
        case deliver
        /// Pass the packet to the hub's host, which sends it on to a network that nobody here owns.
        case leave
        /// Drop the packet: `.sourceNotAllowed`, `.noRouteToPeer`, `.noEgress`, `.peerDisabled`, `.notInAllowedIPs` or `.notInReceiversAllowedIPs`.
        case refuse(DropReason)
    }

    private struct Lists: Sendable {
        var v4 = PrefixTables<UInt32>.empty
        var v6 = PrefixTables<UInt128>.empty
    }

    /// What readers need. Its arrays are flat, so the copy that a change makes while a reader holds the old one costs one memcpy each. A writer
    /// that changes it often has a second copy for that (`Step`).
    public internal(set) var decisions = Decisions()
    var record: Record?

    private var owned: [Member: [IPPrefix]] = [:]
    private var lists: [Member: [IPPrefix]] = [:]
    private var disabled: Set<Member> = []
    private var shared: [[IPPrefix]: (tables: Lists, users: Int)] = [:]
    /// Where packets go whose destination nobody owns, by the longest prefix. Empty on a hub without a host: they go nowhere.
    public private(set) var ways: [IPPrefix: Way] = [:]

    public init() {}

    /// See `Decisions.decide`.
    @inlinable public func decide(from sender: Member, source: IPAddress, destination: IPAddress) -> Verdict {
        decisions.decide(from: sender, source: source, destination: destination)
    }

    /// The member that owns an address, or nil.
    public func owner(of address: IPAddress) -> Member? { decisions.owner(of: address) }

    /// True when the allowed IPs of `member` cover the address.
    public func allows(_ member: Member, _ address: IPAddress) -> Bool { decisions.allows(member, address) }

    /// The prefixes that `member` currently owns, in the order they were given.
    public func ownedPrefixes(of member: Member) -> [IPPrefix] { owned[member] ?? [] }

    /// Replaces the prefixes that `member` owns. A prefix of another member moves to this one (WG-A-2). Removing it later does not return
    /// it to the previous owner (WG-A-3).
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

    /// Replaces the allowed IPs of `member`. A member without allowed IPs, as the hub is at first, reaches nobody.
    public mutating func setAllowed(_ prefixes: [IPPrefix], for member: Member) {
        growAllowed(to: Int(member) + 1)
        releaseList(of: member)
        guard !prefixes.isEmpty else { return }
        let tables = shared[prefixes]?.tables ?? build(prefixes)
        shared[prefixes, default: (tables, 0)].users += 1
        lists[member] = prefixes
        perform(.allow(member, v4: tables.v4, v6: tables.v6))
    }

    /// Disables or enables a member; new members are enabled. No packet passes from or to a disabled member. It keeps its prefixes and its
    /// list, so that a wider prefix of another member does not take over its addresses.
    public mutating func setEnabled(_ isEnabled: Bool, for member: Member) {
        guard isEnabled != self.isEnabled(member) else { return }
        if isEnabled { disabled.remove(member) } else { disabled.insert(member) }
        for prefix in owned[member] ?? [] { insertOwner(prefix, member) }
    }

    /// Replaces the ways of packets whose destination nobody owns.
    public mutating func setWays(_ new: [IPPrefix: Way]) {
        for prefix in ways.keys where new[prefix] == nil { perform(.lead(prefix, nil)) }
        for (prefix, way) in new where ways[prefix] != way { perform(.lead(prefix, way)) }
        ways = new
    }

    /// False for a disabled member.
    public func isEnabled(_ member: Member) -> Bool { !disabled.contains(member) }

    /// Removes a member with its prefixes and its list, and forgets that it was disabled.
    public mutating func remove(_ member: Member) {
        setOwned([], by: member)
        disabled.remove(member)
        guard Int(member) < decisions.allowed4.count else { return }
        releaseList(of: member)
    }

    /// The number of prefixes of all members; 0 after the last member is removed (WG-A-5).
    public var prefixCount: Int { decisions.tables4.count + decisions.tables6.count - ways.count }

    private mutating func growAllowed(to count: Int) {
        if decisions.allowed4.count < count { perform(.grow(count)) }
    }

    private mutating func releaseList(of member: Member) {
        perform(.allow(member, v4: PrefixTables<UInt32>.empty, v6: PrefixTables<UInt128>.empty))
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
            if prefix.address.isV4 {
                tables.v4 = perform(.list(prefix, in: tables.v4))
            } else {
                tables.v6 = perform(.list(prefix, in: tables.v6))
            }
        }
        return tables
    }

    private mutating func dismantle(_ prefixes: [IPPrefix], _ tables: inout Lists) {
        for prefix in prefixes {
            if prefix.address.isV4 {
                tables.v4 = perform(.unlist(prefix, in: tables.v4))
            } else {
                tables.v6 = perform(.unlist(prefix, in: tables.v6))
            }
        }
    }

    private mutating func insertOwner(_ prefix: IPPrefix, _ member: Member) {
        precondition(member < Decisions.disabledBit)
        perform(.own(prefix, isEnabled(member) ? member : member | Decisions.disabledBit))
    }

    private mutating func removeOwner(_ prefix: IPPrefix) { perform(.disown(prefix)) }

    private func exactOwner(_ prefix: IPPrefix) -> Member? {
        let member =
            switch prefix.address {
            case .v4(let a): decisions.tables4.value(of: a.bits, length: prefix.length, in: decisions.owners4)
            case .v6(let a): decisions.tables6.value(of: a.bits, length: prefix.length, in: decisions.owners6)
            }
        return member == PrefixTables<UInt32>.noValue ? nil : member & ~Decisions.disabledBit
    }
}
