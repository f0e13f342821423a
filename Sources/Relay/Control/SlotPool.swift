// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Which slots of a memory of fixed size are free. Those that were used before come first, so that no more memory is touched than needed.
struct SlotPool {
    private let slots: Range<UInt32>
    /// Slots that were taken at least once.
    private(set) var used = 0
    private var free: [UInt32] = []

    init(_ slots: Range<UInt32>) { self.slots = slots }

    /// Used slots that are free again.
    var freeCount: Int { free.count }

    /// A free slot; nil when all are taken.
    mutating func take() -> UInt32? {
        if let slot = free.popLast() { return slot }
        guard used < slots.count else { return nil }
        defer { used += 1 }
        return slots.lowerBound + UInt32(used)
    }

    /// Nobody can see this slot any more.
    mutating func giveBack(_ slot: UInt32) { free.append(slot) }
}
