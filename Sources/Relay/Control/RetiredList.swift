// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What left the shared tables and waits until no worker can hold it, oldest first.
struct RetiredList {
    enum Item {
        case keypair(UInt32)
        case peer(UInt32)
        case snapshot(Snapshot)
    }

    private var items = FIFO<(mark: UInt64, item: Item)>()

    var isEmpty: Bool { items.isEmpty }
    /// The mark of the oldest.
    var firstMark: UInt64? { items.first?.mark }

    mutating func append(_ item: Item, mark: UInt64) { items.append((mark, item)) }

    /// Takes the oldest if no worker can hold it any more.
    mutating func popPassed(_ grace: borrowing GracePeriod) -> Item? {
        guard let first = items.first, grace.hasPassed(first.mark) else { return nil }
        items.removeFirst()
        return first.item
    }
}
