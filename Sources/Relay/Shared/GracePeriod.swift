// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// Tells when no worker can still hold what was taken out of the shared tables (quiescent-state reclamation).
/// A worker announces the epoch once per round and is offline while it waits; what was retired in an epoch may go when all have passed it.
struct GracePeriod: ~Copyable, Sendable {
    private static let offline = UInt64.max

    private let epoch = Atomic<UInt64>(1)
    private let announced: Slab<PaddedEpoch>
    private let workers: Int

    init(workers: Int) {
        self.workers = workers
        announced = Slab(capacity: workers)
        for worker in 0..<workers { announced.at(UInt32(worker)).pointee.value.store(Self.offline, ordering: .relaxed) }
    }

    /// A worker holds nothing from an earlier round now.
    borrowing func online(_ worker: Int) {
        announced.at(UInt32(worker)).pointee.value.store(epoch.load(ordering: .acquiring), ordering: .sequentiallyConsistent)
        // What the worker loads from the tables must not move above the announcement.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    /// A worker holds nothing and will call `online` before it does.
    borrowing func offline(_ worker: Int) { announced.at(UInt32(worker)).pointee.value.store(Self.offline, ordering: .releasing) }

    /// The mark of what was just taken out of the tables.
    borrowing func retire() -> UInt64 {
        // The removal must be visible to whoever announces the new epoch.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return epoch.add(1, ordering: .sequentiallyConsistent).newValue
    }

    /// Whether everything marked with `mark` may be reused.
    borrowing func hasPassed(_ mark: UInt64) -> Bool {
        (0..<workers).allSatisfy { announced.at(UInt32($0)).pointee.value.load(ordering: .sequentiallyConsistent) >= mark }
    }
}

/// An epoch on a cache line of its own.
struct PaddedEpoch: ~Copyable {
    let value: Atomic<UInt64>
    private let padding: InlineArray<7, UInt64>
}
