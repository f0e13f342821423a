// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Synchronization

/// Maps a receiver index to the slot of a keypair or handshake. One thread writes; all workers read without a lock.
///
/// Buckets have eight entries, one cache line each. An entry is the index in the upper half and slot + 1 in the lower one; zero is free. We choose
/// our indices ourselves, so when a bucket is full, another index is drawn. Entries never move, so a reader cannot miss one.
///
/// A secret odd factor turns an index into its place. Only the first buckets are used while there are few entries, so that a small hub touches
/// little memory; to others, the indices look as random as all.
struct IndexTable: ~Copyable, @unchecked Sendable {
    /// All slots are below this limit.
    static let slotLimit: UInt32 = 1 << 31

    private static let entriesPerBucket = 8
    private static let fewestBuckets: UInt32 = 64
    /// The upper bits of a place are the number of its bucket.
    private let bucketShift: UInt32
    private let factor: UInt32
    /// Turns a place back into its index.
    private let inverse: UInt32
    /// The number of buckets in use, a power of two, and of entries in them. Changed by the writer only.
    private let bucketsInUse = Atomic<UInt32>(fewestBuckets)
    private let count = Atomic<UInt32>(0)
    private let memory: ZeroedMemory
    private let entries: UnsafeMutablePointer<Atomic<UInt64>>

    /// Reserves twice `capacity` entries, rounded up to a power of two.
    init(capacity: Int, factor: UInt32 = SecureRandom.uint32() | 1) {
        let buckets = max(Int(Self.fewestBuckets), (capacity * 2 / Self.entriesPerBucket).roundedUpToPowerOfTwo)
        bucketShift = 32 - UInt32(buckets.trailingZeroBitCount)
        self.factor = factor
        // Newton's method: each step doubles the number of bits that are right, of which an odd number has three.
        inverse = (0..<4).reduce(factor) { inverse, _ in inverse &* (2 &- factor &* inverse) }
        // SAFETY: zeroed memory is the initial state of every atomic.
        memory = ZeroedMemory(byteCount: buckets * Self.entriesPerBucket * MemoryLayout<Atomic<UInt64>>.stride)
        entries = memory.base.bindMemory(to: Atomic<UInt64>.self, capacity: buckets * Self.entriesPerBucket)
    }

    /// The slot stored under `index`. The reader must check that the slot still has this index.
    borrowing func slot(for index: UInt32) -> UInt32? {
        let bucket = bucket(of: index)
        for position in 0..<Self.entriesPerBucket {
            let entry = bucket[position].load(ordering: .acquiring)
            if UInt32(truncatingIfNeeded: entry >> 32) == index, entry != 0 { return UInt32(truncatingIfNeeded: entry) &- 1 }
        }
        return nil
    }

    /// Stores `slot` under an unused index drawn from `random` (WG-S-1). Only one thread may write.
    borrowing func insert(slot: UInt32, random: () -> UInt32) -> UInt32 {
        precondition(slot < Self.slotLimit)
        makeRoom()
        while true {
            let index = inUse(random())
            guard self.slot(for: index) == nil else { continue }
            let bucket = bucket(of: index)
            for position in 0..<Self.entriesPerBucket where bucket[position].load(ordering: .relaxed) == 0 {
                bucket[position].store(UInt64(index) << 32 | UInt64(slot + 1), ordering: .releasing)
                count.store(count.load(ordering: .relaxed) + 1, ordering: .relaxed)
                return index
            }
        }
    }

    @inline(__always) private borrowing func bucket(of index: UInt32) -> UnsafeMutablePointer<Atomic<UInt64>> {
        entries + Int((index &* factor) &>> bucketShift) * Self.entriesPerBucket
    }

    /// Doubles the number of buckets in use when half of their entries are taken. Earlier entries stay where they are.
    private borrowing func makeRoom() {
        let buckets = bucketsInUse.load(ordering: .relaxed)
        guard count.load(ordering: .relaxed) * 2 >= buckets * UInt32(Self.entriesPerBucket), buckets < 1 << (32 - bucketShift) else { return }
        bucketsInUse.store(buckets * 2, ordering: .relaxed)
    }

    /// The drawn index, or one with the same lower bits of its place whose bucket is in use.
    private borrowing func inUse(_ drawn: UInt32) -> UInt32 {
        let place = drawn &* factor
        let buckets = bucketsInUse.load(ordering: .relaxed)
        guard place >> bucketShift >= buckets else { return drawn }
        return (place & (buckets << bucketShift &- 1)) &* inverse
    }

    /// Stores another slot under an existing index: a handshake passes its index to its keypair (WG-S-2). Only one thread may write.
    borrowing func replace(_ index: UInt32, slot: UInt32) { set(index, UInt64(index) << 32 | UInt64(slot + 1)) }

    /// Frees an index, which is unknown from now on (WG-S-2). Only one thread may write.
    borrowing func remove(_ index: UInt32) { set(index, 0) }

    private borrowing func set(_ index: UInt32, _ value: UInt64) {
        let bucket = bucket(of: index)
        for position in 0..<Self.entriesPerBucket {
            let entry = bucket[position].load(ordering: .relaxed)
            guard entry != 0, UInt32(truncatingIfNeeded: entry >> 32) == index else { continue }
            bucket[position].store(value, ordering: .releasing)
            if value == 0 { count.store(count.load(ordering: .relaxed) - 1, ordering: .relaxed) }
        }
    }
}

extension Int {
    /// The smallest power of two that is not less than this number.
    var roundedUpToPowerOfTwo: Int { self <= 1 ? 1 : 1 << (bitWidth - (self - 1).leadingZeroBitCount) }
}
