// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

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
    /// The source of ICMP errors: the hub's own tunnel address of each family.
    private let hubAddress4: IPAddress?
    private let hubAddress6: IPAddress?

    init(number: UInt64 = 1, table: ForwardingTable.Decisions, mtus: [UInt16], book: RuleBook? = nil, hubAddresses: [IPAddress]) {
        self.number = number
        self.table = table
        self.mtus = mtus
        self.book = book
        hubAddress4 = hubAddresses.first { $0.isV4 }
        hubAddress6 = hubAddresses.first { !$0.isV4 }
    }

    /// The hub's own address of a family, or nil.
    func hubAddress(isV4: Bool) -> IPAddress? { isV4 ? hubAddress4 : hubAddress6 }
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
