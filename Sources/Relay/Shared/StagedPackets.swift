// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization
import WireGuard

/// Inner packets that wait for a session with their receiver: at most 128, the oldest goes first (WG-D-3, WG-H-6).
/// Copies in small buffers of their own, so that receive buffers are never held. In place in a peer's slot, under its own lock.
/// The fields are atomic so that no method needs the slot for itself: packets come while `take` lends others.
struct StagedPackets: ~Copyable {
    /// Bytes that may wait over all peers, so that many dead ones cannot take the memory (WG-D-4).
    static let byteLimit = 32 << 20

    enum Outcome {
        case staged, droppedOldest, refused
    }

    private let lock: SpinLock
    private let isOpen: Atomic<Bool>
    private let isQueueing: Atomic<Bool>
    private let isBeingSent: Atomic<Bool>
    private let first: Atomic<UnsafeMutablePointer<Node>?>
    private let last: Atomic<UnsafeMutablePointer<Node>?>
    private let count: Atomic<Int>

    private struct Node {
        var next: UnsafeMutablePointer<Node>?
        var byteCount: Int
        /// The bytes follow.
        static let headerByteCount = MemoryLayout<Node>.stride
    }

    /// Whether a packet must go to the end of the queue, because others that came before it wait or are being sent just now (WG-D-5).
    var mustQueue: Bool { isQueueing.load(ordering: .acquiring) }

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
        isQueueing.store(true, ordering: .relaxed)
        lock.unlock()
        total.add(byteCount, ordering: .relaxed)
        guard let oldest else { return .staged }
        total.subtract(oldest.pointee.byteCount, ordering: .relaxed)
        oldest.deallocate()
        return .droppedOldest
    }

    /// Begins to send what waits; false when another thread is at it, or nothing waits. Ended by `endSending` or `pauseSending`.
    borrowing func beginSending() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard !isBeingSent.load(ordering: .relaxed), first.load(ordering: .relaxed) != nil else { return false }
        isBeingSent.store(true, ordering: .relaxed)
        return true
    }

    /// Ends sending once all that was taken is with the kernel: from now on packets need not queue. False when more came meanwhile.
    borrowing func endSending() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard first.load(ordering: .relaxed) == nil else { return false }
        isBeingSent.store(false, ordering: .relaxed)
        isQueueing.store(false, ordering: .releasing)
        return true
    }

    /// Leaves the rest to whoever begins next; packets queue until then.
    borrowing func pauseSending() { isBeingSent.store(false, ordering: .releasing) }

    /// Takes all packets, oldest first, and lends each to `body`; gives their number.
    borrowing func take(total: borrowing Atomic<Int>, _ body: (UnsafeMutableRawPointer, Int) -> Void) -> Int {
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

    /// Throws all packets away; gives their number.
    borrowing func purge(total: borrowing Atomic<Int>) -> Int {
        let purged = take(total: total) { _, _ in }
        lock.lock()
        if first.load(ordering: .relaxed) == nil, !isBeingSent.load(ordering: .relaxed) { isQueueing.store(false, ordering: .releasing) }
        lock.unlock()
        return purged
    }

    /// Packets that wait now.
    var waiting: Int {
        count.load(ordering: .relaxed)
    }

    /// Takes no more packets; what is left is for a last `purge`.
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
