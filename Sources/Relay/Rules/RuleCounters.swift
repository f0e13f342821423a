// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// How often each rule decided, on one thread. Only that thread writes, any thread may read.
struct RuleCounters: ~Copyable, Sendable {
    private let cells = Slab<Cell>(capacity: RuleCells.capacity)

    private struct Cell: ~Copyable {
        let count: Atomic<UInt64>
        /// In nanoseconds; 0 means never.
        let lastAt: Atomic<UInt64>
    }

    /// Counts a decision of a rule, by its place in the snapshot's list.
    borrowing func note(_ rule: Int, of snapshot: Unmanaged<Snapshot>, now: Instant) {
        guard let cell = snapshot._withUnsafeGuaranteedRef({ $0.cell(ofRule: rule) }) else { return }
        let counted = cells.at(cell)
        counted.pointee.count.increment()
        counted.pointee.lastAt.store(now.nanoseconds, ordering: .relaxed)
    }

    /// What was counted in a place, and when the last time was.
    borrowing func counted(_ cell: UInt32) -> (count: UInt64, lastAt: UInt64) {
        let counted = cells.at(cell)
        return (counted.pointee.count.load(ordering: .relaxed), counted.pointee.lastAt.load(ordering: .relaxed))
    }
}
