// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Which slots of a memory of fixed size are free. Those that were used before come first, so that no more memory is touched than needed.
struct SlotPool {
    let limit: Int
    /// Slots below this were taken at least once.
    private(set) var used = 0
    private var free: [UInt32] = []

    init(limit: Int) { self.limit = limit }

    /// Used slots that are free again.
    var freeCount: Int { free.count }

    /// A free slot; nil when all are taken.
    mutating func take() -> UInt32? {
        if let slot = free.popLast() { return slot }
        guard used < limit else { return nil }
        defer { used += 1 }
        return UInt32(used)
    }

    /// Nobody can see this slot any more.
    mutating func giveBack(_ slot: UInt32) { free.append(slot) }
}
