// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Who owns which address and who may reach what: the hub's one decision (contract.md section 1).
///
/// A member is a number that the caller chose, small and dense: a peer's slot in the engine, a row in the portal.
/// The packet loop, the reachability page, the doctor and the API all call `decide`; there is no second opinion.
/// A copy is a value, so a reader's table never changes under it (protocol.md ).
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

    private struct Roots: Sendable {
        var v4 = PrefixForest<UInt32>.empty
        var v6 = PrefixForest<UInt128>.empty
    }

    @usableFromInline var forest4 = PrefixForest<UInt32>()
    @usableFromInline var forest6 = PrefixForest<UInt128>()
    @usableFromInline var owners4 = PrefixForest<UInt32>.empty
    @usableFromInline var owners6 = PrefixForest<UInt128>.empty
    /// Per member, the trees of its allowed IPs. Members with equal lists share them.
    @usableFromInline var allowed4: [PrefixForest<UInt32>.Root] = []
    @usableFromInline var allowed6: [PrefixForest<UInt128>.Root] = []

    private var owned: [Member: [IPPrefix]] = [:]
    private var lists: [Member: [IPPrefix]] = [:]
    private var shared: [[IPPrefix]: (roots: Roots, users: Int)] = [:]

    public init() {}

    /// Decides for a packet that `sender` sent. Longest prefix over all members names the owner of both addresses (protocol.md X-5, H-1);
    /// then both sides must list each other.
    @inlinable public func decide(from sender: Member, source: IPAddress, destination: IPAddress) -> Verdict {
        switch (source, destination) {
        case (.v4(let source), .v4(let destination)):
            return decide(from: sender, source.bits, destination.bits, forest4, owners4, allowed4)
        case (.v6(let source), .v6(let destination)):
            return decide(from: sender, source.bits, destination.bits, forest6, owners6, allowed6)
        default:
            return .refuse(.badInnerType)
        }
    }

    @inlinable func decide<Key>(
        from sender: Member, _ source: Key, _ destination: Key,
        _ forest: borrowing PrefixForest<Key>, _ owners: UInt32, _ allowed: borrowing [UInt32]
    ) -> Verdict {
        guard forest.lookup(source, in: owners) == sender else { return .refuse(.sourceNotAllowed) }
        let receiver = forest.lookup(destination, in: owners)
        if receiver == Self.hub { return .deliver }
        guard receiver != PrefixForest<Key>.noValue else { return .refuse(.noRouteToPeer) }
        guard Self.lists(destination, allowed, sender, forest) else { return .refuse(.notInAllowedIPs) }
        guard Self.lists(source, allowed, receiver, forest) else { return .refuse(.notInReceiversAllowedIPs) }
        return .forward(receiver)
    }

    /// Whether the allowed IPs of `member` cover the address. A member that was never given a list has an empty one.
    @inlinable static func lists<Key>(
        _ address: Key, _ allowed: borrowing [UInt32], _ member: Member, _ forest: borrowing PrefixForest<Key>
    ) -> Bool {
        Int(member) < allowed.count && forest.lookup(address, in: allowed[Int(member)]) != PrefixForest<Key>.noValue
    }

    /// Who owns an address, nil where nobody does.
    public func owner(of address: IPAddress) -> Member? {
        let member =
            switch address {
            case .v4(let a): forest4.lookup(a.bits, in: owners4)
            case .v6(let a): forest6.lookup(a.bits, in: owners6)
            }
        return member == PrefixForest<UInt32>.noValue ? nil : member
    }

    /// True when the allowed IPs of `member` cover the address.
    public func allows(_ member: Member, _ address: IPAddress) -> Bool {
        switch address {
        case .v4(let a): Self.lists(a.bits, allowed4, member, forest4)
        case .v6(let a): Self.lists(a.bits, allowed6, member, forest6)
        }
    }

    /// The prefixes that `member` owns now, in the order they were given.
    public func ownedPrefixes(of member: Member) -> [IPPrefix] { owned[member] ?? [] }

    /// Replaces what `member` owns. A prefix that another one owns moves over (protocol.md A-2); taking it away later does not bring it back.
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
        let roots = shared[prefixes]?.roots ?? build(prefixes)
        shared[prefixes, default: (roots, 0)].users += 1
        lists[member] = prefixes
        allowed4[Int(member)] = roots.v4
        allowed6[Int(member)] = roots.v6
    }

    /// Forgets a member: its prefixes and its list.
    public mutating func remove(_ member: Member) {
        setOwned([], by: member)
        guard Int(member) < allowed4.count else { return }
        releaseList(of: member)
    }

    /// Nodes in use; zero after the last member went (protocol.md A-5).
    public var nodeCount: Int { forest4.count + forest6.count }

    private mutating func growAllowed(to count: Int) {
        while allowed4.count < count {
            allowed4.append(PrefixForest<UInt32>.empty)
            allowed6.append(PrefixForest<UInt128>.empty)
        }
    }

    private mutating func releaseList(of member: Member) {
        allowed4[Int(member)] = PrefixForest<UInt32>.empty
        allowed6[Int(member)] = PrefixForest<UInt128>.empty
        guard let list = lists.removeValue(forKey: member), var entry = shared[list] else { return }
        entry.users -= 1
        if entry.users == 0 {
            forest4.removeAll(from: &entry.roots.v4)
            forest6.removeAll(from: &entry.roots.v6)
            shared[list] = nil
        } else {
            shared[list] = entry
        }
    }

    private mutating func build(_ prefixes: [IPPrefix]) -> Roots {
        var roots = Roots()
        for prefix in prefixes {
            switch prefix.address {
            case .v4(let a): forest4.insert(a.bits, length: prefix.length, value: 0, in: &roots.v4)
            case .v6(let a): forest6.insert(a.bits, length: prefix.length, value: 0, in: &roots.v6)
            }
        }
        return roots
    }

    private mutating func insertOwner(_ prefix: IPPrefix, _ member: Member) {
        switch prefix.address {
        case .v4(let a): forest4.insert(a.bits, length: prefix.length, value: member, in: &owners4)
        case .v6(let a): forest6.insert(a.bits, length: prefix.length, value: member, in: &owners6)
        }
    }

    private mutating func removeOwner(_ prefix: IPPrefix) {
        switch prefix.address {
        case .v4(let a): forest4.remove(a.bits, length: prefix.length, from: &owners4)
        case .v6(let a): forest6.remove(a.bits, length: prefix.length, from: &owners6)
        }
    }

    private func exactOwner(_ prefix: IPPrefix) -> Member? {
        let member =
            switch prefix.address {
            case .v4(let a): forest4.value(of: a.bits, length: prefix.length, in: owners4)
            case .v6(let a): forest6.value(of: a.bits, length: prefix.length, in: owners6)
            }
        return member == PrefixForest<UInt32>.noValue ? nil : member
    }
}
