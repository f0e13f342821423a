// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A first-in, first-out queue. Taking an element costs the same for any length.
struct FIFO<Element> {
    private var elements: [Element] = []
    /// Elements before this index are taken.
    private var start = 0

    var count: Int { elements.count - start }
    var isEmpty: Bool { count == 0 }
    /// How many elements it has memory for.
    var capacity: Int { elements.capacity }
    var first: Element? { isEmpty ? nil : elements[start] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func removeFirst() { forget(1) }

    /// Replaces the contents of `taken` with up to `limit` elements.
    mutating func take(_ limit: Int, into taken: inout [Element]) {
        taken.removeAll(keepingCapacity: true)
        let count = min(limit, count)
        taken.append(contentsOf: elements[start..<start + count])
        forget(count)
    }

    /// An empty queue keeps the memory for this many elements.
    private static var kept: Int { 1024 }

    /// Once half of the array is taken, moves the rest to the front. Averaged over all elements, this costs one move each.
    private mutating func forget(_ count: Int) {
        start += count
        guard start * 2 >= elements.count else { return }
        if start == elements.count, elements.capacity > Self.kept { elements = [] } else { elements.removeSubrange(..<start) }
        start = 0
    }
}
