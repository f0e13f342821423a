// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization

/// Maps a receiver index to the slot of a keypair or handshake. One thread writes; all workers read without a lock.
///
/// Buckets have eight entries, one cache line each. An entry is `index << 32
/// slot + 1`; zero is free. We choose our indices ourselves, so when a bucket is full, another index is drawn. Entries never move, so a
/// reader cannot miss one.
struct IndexTable: ~Copyable, @unchecked Sendable {
    /// All slots are below this limit.
    static let slotLimit: UInt32 = 1 << 31

    private static let entriesPerBucket = 8
    private let bucketMask: UInt32
    private let memory: ZeroedMemory
    private let entries: UnsafeMutablePointer<Atomic<UInt64>>

    /// Allocates twice `capacity` entries, rounded up to a power of two.
    init(capacity: Int) {
        let buckets = max(64, (capacity * 2 / Self.entriesPerBucket).roundedUpToPowerOfTwo)
        bucketMask = UInt32(buckets - 1)
        // SAFETY: zeroed memory is the initial state of every atomic.
        memory = ZeroedMemory(byteCount: buckets * Self.entriesPerBucket * MemoryLayout<Atomic<UInt64>>.stride)
        entries = memory.base.bindMemory(to: Atomic<UInt64>.self, capacity: buckets * Self.entriesPerBucket)
    }

    /// The slot stored under `index`. The reader must check that the slot still has this index.
    borrowing func slot(for index: UInt32) -> UInt32? {
        let bucket = entries + Int(index & bucketMask) * Self.entriesPerBucket
        for position in 0..<Self.entriesPerBucket {
            let entry = bucket[position].load(ordering: .acquiring)
            if UInt32(truncatingIfNeeded: entry >> 32) == index, entry != 0 { return UInt32(truncatingIfNeeded: entry) &- 1 }
        }
        return nil
    }

    /// Stores `slot` under an unused index drawn from `random` (WG-S-1). Only one thread may write.
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

    /// Stores another slot under an existing index: a handshake passes its index to its keypair (WG-S-2). Only one thread may write.
    borrowing func replace(_ index: UInt32, slot: UInt32) { set(index, UInt64(index) << 32 | UInt64(slot + 1)) }

    /// Frees an index, which is unknown from now on (WG-S-2). Only one thread may write.
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
    /// The smallest power of two that is not less than this number.
    var roundedUpToPowerOfTwo: Int { self <= 1 ? 1 : 1 << (bitWidth - (self - 1).leadingZeroBitCount) }
}
