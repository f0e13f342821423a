// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The free slots of a memory of fixed size. Used slots are reused first, so that no more memory is touched than needed.
struct SlotPool {
    private let slots: Range<UInt32>
    /// The number of slots that were ever taken.
    private(set) var used = 0
    private var free: [UInt32] = []

    init(_ slots: Range<UInt32>) { self.slots = slots }

    /// The number of used slots that are free again.
    var freeCount: Int { free.count }

    /// Takes a free slot; nil when all are taken.
    mutating func take() -> UInt32? {
        if let slot = free.popLast() { return slot }
        guard used < slots.count else { return nil }
        defer { used += 1 }
        return slots.lowerBound + UInt32(used)
    }

    /// Frees a slot. The caller knows that no thread can use it any more.
    mutating func giveBack(_ slot: UInt32) { free.append(slot) }
}
