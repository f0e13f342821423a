// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net
import Synchronization

/// The published tables of one generation. `Engine.apply` makes it, workers read it, and it never changes.
final class Snapshot: Sendable {
    /// Each snapshot of an engine has the number after its predecessor's.
    let number: UInt64
    let table: ForwardingTable.Decisions
    /// The largest inner packet for each peer, by slot; 0 means no limit.
    let mtus: [UInt16]
    /// The rules about what linked peers may send each other; nil when every packet passes.
    let book: RuleBook?
    /// The rules of `book`, where each counts its hits, and its number for people. Here, so that a packet does not retain the book for them.
    private let rules: Unmanaged<RuleSet>?
    private let ruleCells: [UInt32]
    private let ruleNumbers: [UInt16]
    /// The source of ICMP errors: the hub's own tunnel address of each family.
    private let hubAddress4: IPAddress?
    private let hubAddress6: IPAddress?
    /// The names that the hub answers for; nil if it answers none.
    let zone: Zone?
    /// The first address of its own of each peer and family, by slot; 0 means none.
    private let ownAddresses: OwnAddresses

    init(
        number: UInt64 = 1, table: ForwardingTable.Decisions, mtus: [UInt16], book: RuleBook? = nil, hubAddresses: [IPAddress],
        zone: Zone? = nil, ownAddresses: OwnAddresses = OwnAddresses()
    ) {
        self.number = number
        self.table = table
        self.mtus = mtus
        self.book = book
        rules = book.map { Unmanaged.passUnretained($0.rules) }
        (ruleCells, ruleNumbers) = (book?.cells ?? [], book?.numbers ?? [])
        hubAddress4 = hubAddresses.first { $0.isV4 }
        hubAddress6 = hubAddresses.first { !$0.isV4 }
        self.zone = zone
        self.ownAddresses = ownAddresses
    }

    /// The hub's own address of a family, or nil.
    func hubAddress(isV4: Bool) -> IPAddress? { isV4 ? hubAddress4 : hubAddress6 }

    /// What the rules say about the first packet of a flow.
    func decide(_ packet: RuleSet.Packet, from sender: UInt32, to receiver: UInt32) -> RuleSet.Decision {
        guard let rules else { return RuleSet.Decision(rule: 0, action: .allow) }
        return rules._withUnsafeGuaranteedRef {
            $0.decide(packet, from: sender, to: receiver, isInternet: table.isInternet(packet.destination))
        }
    }

    /// Where a rule counts its hits, by its place in the list; nil for a book that is only asked.
    func cell(ofRule rule: Int) -> UInt32? { rule < ruleCells.count ? ruleCells[rule] : nil }

    /// The number under which people know a rule; 0 for the end of the list.
    func number(ofRule rule: Int) -> UInt16 { rule < ruleNumbers.count ? ruleNumbers[rule] : 0 }

    /// Whether a peer may know the name of an address: if it may reach the address, from `source` or from its own address of the other family.
    /// The same decision as for packets.
    func permission(for asker: UInt32, from source: IPAddress, about address: IPAddress) -> Zone.Permission {
        guard let owner = table.owner(of: address) else { return .notOwned }
        guard owner != asker, owner != ForwardingTable.hub else { return .granted }
        guard let source = source.isV4 == address.isV4 ? source : ownAddresses.address(of: asker, isV4: address.isV4) else {
            return .noCommonFamily
        }
        switch table.decide(from: asker, source: source, destination: address) {
        case .forward, .deliver, .leave: return .granted
        case .refuse(.notInAllowedIPs): return .askerDoesNotList
        case .refuse(.notInReceiversAllowedIPs): return .ownerDoesNotList
        case .refuse(.peerDisabled): return .ownerDisabled
        // The address that the peer had belongs to another one by now.
        case .refuse: return .noCommonFamily
        }
    }
}

/// The first address of its own of each peer and family, by slot; 0 means none.
struct OwnAddresses: Sendable {
    private var v4: [UInt32] = []
    private var v6: [UInt128] = []

    func address(of slot: UInt32, isV4: Bool) -> IPAddress? {
        let place = Int(slot)
        guard isV4 else {
            guard place < v6.count, v6[place] != 0 else { return nil }
            return .v6(IPv6Address(high: UInt64(truncatingIfNeeded: v6[place] >> 64), low: UInt64(truncatingIfNeeded: v6[place])))
        }
        return place < v4.count && v4[place] != 0 ? .v4(IPv4Address(bits: v4[place])) : nil
    }

    /// Sets the addresses of a peer from the prefixes that it owns. Changes only what differs, because a snapshot may hold the same memory.
    mutating func set(_ prefixes: [IPPrefix], of slot: UInt32) {
        var (first4, first6): (UInt32, UInt128) = (0, 0)
        for prefix in prefixes.reversed() where prefix.isHost {
            switch prefix.address {
            case .v4(let address): first4 = address.bits
            case .v6(let address): first6 = UInt128(address.high) << 64 | UInt128(address.low)
            }
        }
        while v4.count <= Int(slot) {
            v4.append(0)
            v6.append(0)
        }
        if v4[Int(slot)] != first4 { v4[Int(slot)] = first4 }
        if v6[Int(slot)] != first6 { v6[Int(slot)] = first6 }
    }
}

/// Holds the newest snapshot; workers load it once per round. The writer keeps replaced snapshots alive for the grace period.
struct SnapshotSlot: ~Copyable, Sendable {
    private let pointer: Atomic<UInt>

    init(_ snapshot: Snapshot) { pointer = Atomic(Self.address(of: snapshot)) }

    /// Valid until the worker's next `GracePeriod.online`.
    borrowing func load() -> Unmanaged<Snapshot> {
        // SAFETY: the writer retains every snapshot until all workers have moved on to a newer one.
        Unmanaged.fromOpaque(UnsafeRawPointer(bitPattern: pointer.load(ordering: .acquiring))!)
    }

    /// The caller retains `snapshot`, and keeps the previous one until its grace period is over.
    borrowing func store(_ snapshot: Snapshot) { pointer.store(Self.address(of: snapshot), ordering: .releasing) }

    private static func address(of snapshot: Snapshot) -> UInt { UInt(bitPattern: Unmanaged.passUnretained(snapshot).toOpaque()) }
}
