// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Items that were removed from the shared tables and wait until no worker can use them, oldest first.
struct RetiredList {
    enum Item {
        case keypair(UInt32)
        case peer(UInt32)
        case snapshot(Snapshot)
    }

    private var items = FIFO<(mark: UInt64, item: Item)>()

    var isEmpty: Bool { items.isEmpty }
    /// The mark of the oldest item.
    var firstMark: UInt64? { items.first?.mark }

    mutating func append(_ item: Item, mark: UInt64) { items.append((mark, item)) }

    /// Takes the oldest item if no worker can use it any more.
    mutating func popPassed(_ grace: borrowing GracePeriod) -> Item? {
        guard let first = items.first, grace.hasPassed(first.mark) else { return nil }
        items.removeFirst()
        return first.item
    }
}
