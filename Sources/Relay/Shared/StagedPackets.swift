// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization
import WireGuard

/// Inner packets that wait for a session with their receiver: at most 128, the oldest goes first (protocol.md D-3, H-6).
/// Copies in small buffers of their own, so that receive buffers are never held. In place in a peer's slot, under its own lock.
/// The fields are atomic so that no method needs the slot for itself: `drain` lends packets that may be staged again meanwhile.
struct StagedPackets: ~Copyable {
    /// Bytes that may wait over all peers, so that many dead ones cannot take the memory (D-4).
    static let byteLimit = 32 << 20

    enum Outcome {
        case staged, droppedOldest, refused
    }

    private let lock: SpinLock
    private let isOpen: Atomic<Bool>
    private let first: Atomic<UnsafeMutablePointer<Node>?>
    private let last: Atomic<UnsafeMutablePointer<Node>?>
    private let count: Atomic<Int>

    private struct Node {
        var next: UnsafeMutablePointer<Node>?
        var byteCount: Int
        /// The bytes follow.
        static let headerByteCount = MemoryLayout<Node>.stride
    }

    /// Takes packets from now on.
    borrowing func open() {
        lock.lock()
        isOpen.store(true, ordering: .relaxed)
        lock.unlock()
    }

    /// Copies a packet to the end of the queue. `total` counts the bytes over all peers. Refused when the peer is gone or the total is reached.
    borrowing func append(_ packet: UnsafeRawPointer, byteCount: Int, total: borrowing Atomic<Int>) -> Outcome {
        guard total.load(ordering: .relaxed) + byteCount <= Self.byteLimit else { return .refused }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: Node.headerByteCount + byteCount, alignment: 16)
        let node = raw.bindMemory(to: Node.self, capacity: 1)
        node.initialize(to: Node(next: nil, byteCount: byteCount))
        (raw + Node.headerByteCount).copyMemory(from: packet, byteCount: byteCount)
        lock.lock()
        guard isOpen.load(ordering: .relaxed) else {
            lock.unlock()
            node.deallocate()
            return .refused
        }
        let oldest = waiting == Constants.stagedPackets ? takeFirst() : nil
        if let last = last.load(ordering: .relaxed) { last.pointee.next = node } else { first.store(node, ordering: .relaxed) }
        last.store(node, ordering: .relaxed)
        count.add(1, ordering: .relaxed)
        lock.unlock()
        total.add(byteCount, ordering: .relaxed)
        guard let oldest else { return .staged }
        total.subtract(oldest.pointee.byteCount, ordering: .relaxed)
        oldest.deallocate()
        return .droppedOldest
    }

    /// Takes all packets, oldest first, and lends each to `body`; gives their number.
    borrowing func drain(total: borrowing Atomic<Int>, _ body: (UnsafeMutableRawPointer, Int) -> Void) -> Int {
        lock.lock()
        var node = first.exchange(nil, ordering: .relaxed)
        last.store(nil, ordering: .relaxed)
        let taken = count.exchange(0, ordering: .relaxed)
        lock.unlock()
        while let current = node {
            node = current.pointee.next
            total.subtract(current.pointee.byteCount, ordering: .relaxed)
            body(UnsafeMutableRawPointer(current) + Node.headerByteCount, current.pointee.byteCount)
            current.deallocate()
        }
        return taken
    }

    /// Packets that wait now.
    var waiting: Int {
        count.load(ordering: .relaxed)
    }

    /// Takes no more packets; what is left is for a last `drain`.
    borrowing func close() {
        lock.lock()
        isOpen.store(false, ordering: .relaxed)
        lock.unlock()
    }

    private borrowing func takeFirst() -> UnsafeMutablePointer<Node>? {
        guard let node = first.load(ordering: .relaxed) else { return nil }
        first.store(node.pointee.next, ordering: .relaxed)
        if node.pointee.next == nil { last.store(nil, ordering: .relaxed) }
        count.subtract(1, ordering: .relaxed)
        return node
    }
}
