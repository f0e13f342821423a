// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// The decisions of one generation: made by `Engine.apply`, read by workers, never changed.
final class Snapshot: Sendable {
    let table: ForwardingTable.Decisions
    /// Largest inner packet towards each peer, by slot; 0 is no limit.
    let mtus: [UInt16]
    /// What ICMP errors come from: the hub's own tunnel address of each family.
    private let hubAddress4: IPAddress?
    private let hubAddress6: IPAddress?

    init(table: ForwardingTable.Decisions, mtus: [UInt16], hubAddresses: [IPAddress]) {
        self.table = table
        self.mtus = mtus
        hubAddress4 = hubAddresses.first { $0.isV4 }
        hubAddress6 = hubAddresses.first { !$0.isV4 }
    }

    /// The hub's own address of a family; nil where it has none.
    func hubAddress(isV4: Bool) -> IPAddress? { isV4 ? hubAddress4 : hubAddress6 }
}

/// The slot that workers read the newest snapshot from, once per round. The writer keeps replaced ones alive for the grace period.
struct SnapshotSlot: ~Copyable, Sendable {
    private let pointer: Atomic<UInt>

    init(_ snapshot: Snapshot) { pointer = Atomic(Self.address(of: snapshot)) }

    /// Valid until the worker's next `GracePeriod.online`.
    borrowing func load() -> Unmanaged<Snapshot> {
        // SAFETY: the writer retains every snapshot that was ever stored until all workers have moved on.
        Unmanaged.fromOpaque(UnsafeRawPointer(bitPattern: pointer.load(ordering: .acquiring))!)
    }

    /// The caller holds `snapshot`, and keeps the one before until its grace period is over.
    borrowing func store(_ snapshot: Snapshot) { pointer.store(Self.address(of: snapshot), ordering: .releasing) }

    private static func address(of snapshot: Snapshot) -> UInt { UInt(bitPattern: Unmanaged.passUnretained(snapshot).toOpaque()) }
}
