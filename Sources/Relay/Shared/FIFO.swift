// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// First in, first out: taking costs the same however long it is.
struct FIFO<Element> {
    private var elements: [Element] = []
    /// Elements before this one are taken.
    private var start = 0

    var count: Int { elements.count - start }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[start] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func removeFirst() { forget(1) }

    /// Puts up to `limit` elements in the place of what is in `taken`.
    mutating func take(_ limit: Int, into taken: inout [Element]) {
        taken.removeAll(keepingCapacity: true)
        let count = min(limit, count)
        taken.append(contentsOf: elements[start..<start + count])
        forget(count)
    }

    /// What is left is moved together once half is taken, which each element pays for once.
    private mutating func forget(_ count: Int) {
        start += count
        guard start * 2 >= elements.count else { return }
        elements.removeSubrange(..<start)
        start = 0
    }
}
