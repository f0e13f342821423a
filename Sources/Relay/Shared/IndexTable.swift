// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization

/// From a receiver index to the slot of a session or handshake. Read by all workers without a lock, written by one thread.
///
/// Buckets of eight entries, one cache line each. An entry is `index << 32 | slot + 1`, zero is free. Since we choose our indices,
/// a full bucket only means that another index is drawn; nothing is ever moved, so a reader cannot miss an entry.
struct IndexTable: ~Copyable, @unchecked Sendable {
    /// Slots are below this.
    static let slotLimit: UInt32 = 1 << 31

    private static let entriesPerBucket = 8
    private let bucketMask: UInt32
    private let memory: ZeroedMemory
    private let entries: UnsafeMutablePointer<Atomic<UInt64>>

    /// Room for twice `capacity` entries, rounded up to a power of two.
    init(capacity: Int) {
        let buckets = max(64, (capacity * 2 / Self.entriesPerBucket).roundedUpToPowerOfTwo)
        bucketMask = UInt32(buckets - 1)
        // SAFETY: zeroed memory is the initial state of every atomic.
        memory = ZeroedMemory(byteCount: buckets * Self.entriesPerBucket * MemoryLayout<Atomic<UInt64>>.stride)
        entries = memory.base.bindMemory(to: Atomic<UInt64>.self, capacity: buckets * Self.entriesPerBucket)
    }

    /// The slot filed under `index`. A reader checks that the slot still carries this index.
    borrowing func slot(for index: UInt32) -> UInt32? {
        let bucket = entries + Int(index & bucketMask) * Self.entriesPerBucket
        for position in 0..<Self.entriesPerBucket {
            let entry = bucket[position].load(ordering: .acquiring)
            if UInt32(truncatingIfNeeded: entry >> 32) == index, entry != 0 { return UInt32(truncatingIfNeeded: entry) &- 1 }
        }
        return nil
    }

    /// Files `slot` under an index drawn from `random` that no live entry has (WG-S-1). One writer.
    borrowing func insert(slot: UInt32, random: () -> UInt32) -> UInt32 {
        precondition(slot < Self.slotLimit)
        while true {
            let index = random()
            guard self.slot(for: index) == nil else { continue }
            let bucket = entries + Int(index & bucketMask) * Self.entriesPerBucket
            for position in 0..<Self.entriesPerBucket where bucket[position].load(ordering: .relaxed) == 0 {
                bucket[position].store(UInt64(index) << 32 | UInt64(slot + 1), ordering: .releasing)
                return index
            }
        }
    }

    /// Files another slot under an index that is in use: a handshake hands its index to its session (WG-S-2). One writer.
    borrowing func replace(_ index: UInt32, slot: UInt32) { set(index, UInt64(index) << 32 | UInt64(slot + 1)) }

    /// Frees an index; from now on it is unknown (WG-S-2). One writer.
    borrowing func remove(_ index: UInt32) { set(index, 0) }

    private borrowing func set(_ index: UInt32, _ value: UInt64) {
        let bucket = entries + Int(index & bucketMask) * Self.entriesPerBucket
        for position in 0..<Self.entriesPerBucket {
            let entry = bucket[position].load(ordering: .relaxed)
            if entry != 0, UInt32(truncatingIfNeeded: entry >> 32) == index { bucket[position].store(value, ordering: .releasing) }
        }
    }
}

extension Int {
    /// The smallest power of two that is not less.
    var roundedUpToPowerOfTwo: Int { self <= 1 ? 1 : 1 << (bitWidth - (self - 1).leadingZeroBitCount) }
}
