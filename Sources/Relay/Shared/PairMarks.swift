// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// Between which peers one thread has passed packets since the control side last asked.
///
/// Open addressing in memory of a fixed size. The thread only fills free cells and the control side only empties filled ones, so a plain load
/// and store are enough, and a pair that is marked already costs one load. A pair may have two cells for a while, and a pair that finds no free
/// cell is marked after the next emptying.
struct PairMarks: ~Copyable, Sendable {
    /// 128 KiB per thread; pages are touched only when used.
    static let capacity = 16_384
    /// How many cells are examined before a pair is left for later.
    private static let probes = 8

    /// The slots of two peers, the lower one first. 0 means free: slot 0 belongs to the hub, which is in no pair.
    private let cells = Slab<Atomic<UInt64>>(capacity: capacity)

    /// The number of a pair, in whichever order its peers are given.
    static func pair(_ a: UInt32, _ b: UInt32) -> UInt64 { UInt64(min(a, b)) << 32 | UInt64(max(a, b)) }

    /// Marks a pair. Only one thread may mark.
    borrowing func mark(_ pair: UInt64) {
        let start = UInt32(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) >> 40)
        for probe in 0..<Self.probes {
            let cell = cells.at((start &+ UInt32(probe)) % UInt32(Self.capacity))
            let found = cell.pointee.load(ordering: .relaxed)
            if found == pair { return }
            if found == 0 { return cell.pointee.store(pair, ordering: .relaxed) }
        }
    }

    /// Empties some of the cells and calls `body` with the slots of each pair in them, the lower one first. Only the control side may empty.
    borrowing func empty(_ range: Range<Int>, _ body: (UInt32, UInt32) -> Void) {
        for index in range {
            let cell = cells.at(UInt32(index))
            let pair = cell.pointee.load(ordering: .relaxed)
            guard pair != 0 else { continue }
            cell.pointee.store(0, ordering: .relaxed)
            body(UInt32(truncatingIfNeeded: pair >> 32), UInt32(truncatingIfNeeded: pair))
        }
    }
}
