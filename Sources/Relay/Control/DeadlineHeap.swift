// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Finds the peer whose timers expire next: a binary heap that holds each peer at most once. A peer without a deadline is not in the heap
/// and costs nothing (WG-I-9).
struct DeadlineHeap {
    private var heap: [(deadline: Instant, peer: UInt32)] = []
    private var positions: [Int] = []
    private static let absent = -1

    var next: Instant? { heap.first?.deadline }

    /// Sets or moves the deadline of a peer; nil removes it.
    mutating func set(_ deadline: Instant?, for peer: UInt32) {
        while positions.count <= Int(peer) { positions.append(Self.absent) }
        let position = positions[Int(peer)]
        switch (deadline, position) {
        case (nil, Self.absent): break
        case (nil, _): remove(at: position)
        case (let deadline?, Self.absent):
            heap.append((deadline, peer))
            positions[Int(peer)] = heap.count - 1
            siftUp(heap.count - 1)
        case (let deadline?, _):
            let isEarlier = deadline < heap[position].deadline
            heap[position].deadline = deadline
            if isEarlier { siftUp(position) } else { siftDown(position) }
        }
    }

    /// Removes and returns a peer whose deadline has passed.
    mutating func popDue(at now: Instant) -> UInt32? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(at: 0)
        return first.peer
    }

    private mutating func remove(at position: Int) {
        positions[Int(heap[position].peer)] = Self.absent
        let last = heap.removeLast()
        guard position < heap.count else { return }
        heap[position] = last
        positions[Int(last.peer)] = position
        siftUp(position)
        siftDown(positions[Int(last.peer)])
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            exchange(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2 where child < heap.count && heap[child].deadline < heap[least].deadline {
                least = child
            }
            guard least != parent else { return }
            exchange(parent, least)
            parent = least
        }
    }

    private mutating func exchange(_ a: Int, _ b: Int) {
        heap.swapAt(a, b)
        positions[Int(heap[a].peer)] = a
        positions[Int(heap[b].peer)] = b
    }
}
