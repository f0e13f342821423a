// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// Determines when no worker can still use an item that was removed from the shared tables (quiescent-state reclamation). Each worker
/// announces the epoch once per round and is offline while it waits. An item that was retired in an epoch may be freed when all workers
/// have passed that epoch.
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

    /// Announces that a worker uses nothing from an earlier round.
    borrowing func online(_ worker: Int) {
        announced.at(UInt32(worker)).pointee.value.store(epoch.load(ordering: .acquiring), ordering: .sequentiallyConsistent)
        // The worker's loads from the tables must not move above the announcement.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    /// Announces that a worker uses nothing until it calls `online` again.
    borrowing func offline(_ worker: Int) { announced.at(UInt32(worker)).pointee.value.store(Self.offline, ordering: .releasing) }

    /// The mark of the items that were just removed from the tables.
    borrowing func retire() -> UInt64 {
        // A worker that announces the new epoch must also see the removal.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return epoch.add(1, ordering: .sequentiallyConsistent).newValue
    }

    /// Whether items marked with `mark` may be reused.
    borrowing func hasPassed(_ mark: UInt64) -> Bool {
        (0..<workers).allSatisfy { announced.at(UInt32($0)).pointee.value.load(ordering: .sequentiallyConsistent) >= mark }
    }
}

/// An epoch on its own cache line.
struct PaddedEpoch: ~Copyable {
    let value: Atomic<UInt64>
    private let padding: InlineArray<7, UInt64>
}
