// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization
import WireGuard

/// Inner packets that wait for a session with their receiver: at most 128, the oldest goes first (protocol.md D-3, H-6).
/// Copies in small buffers of their own, so that receive buffers are never held. In place in a peer's slot, under its own lock.
struct StagedPackets: ~Copyable {
    /// Bytes that may wait over all peers, so that many dead ones cannot take the memory (D-4).
    static let byteLimit = 32 << 20

    enum Outcome {
        case staged, droppedOldest, refused
    }

    private let lock: SpinLock
    private var isOpen: Bool
    private var first: UnsafeMutablePointer<Node>?
    private var last: UnsafeMutablePointer<Node>?
    private var count: Int

    private struct Node {
        var next: UnsafeMutablePointer<Node>?
        var byteCount: Int
        /// The bytes follow.
        static let headerByteCount = MemoryLayout<Node>.stride
    }

    /// Takes packets from now on.
    mutating func open() {
        lock.lock()
        isOpen = true
        lock.unlock()
    }

    /// Copies a packet to the end of the queue. `total` counts the bytes over all peers. Refused when the peer is gone or the total is reached.
    mutating func append(_ packet: UnsafeRawPointer, byteCount: Int, total: borrowing Atomic<Int>) -> Outcome {
        guard total.load(ordering: .relaxed) + byteCount <= Self.byteLimit else { return .refused }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: Node.headerByteCount + byteCount, alignment: 16)
        let node = raw.bindMemory(to: Node.self, capacity: 1)
        node.initialize(to: Node(next: nil, byteCount: byteCount))
        (raw + Node.headerByteCount).copyMemory(from: packet, byteCount: byteCount)
        lock.lock()
        guard isOpen else {
            lock.unlock()
            node.deallocate()
            return .refused
        }
        let oldest = count == Constants.stagedPackets ? takeFirst() : nil
        if let last { last.pointee.next = node } else { first = node }
        last = node
        count += 1
        lock.unlock()
        total.add(byteCount, ordering: .relaxed)
        guard let oldest else { return .staged }
        total.subtract(oldest.pointee.byteCount, ordering: .relaxed)
        oldest.deallocate()
        return .droppedOldest
    }

    /// Takes all packets, oldest first, and lends each to `body`; gives their number.
    mutating func drain(total: borrowing Atomic<Int>, _ body: (UnsafeMutableRawPointer, Int) -> Void) -> Int {
        lock.lock()
        var node = first
        let taken = count
        first = nil
        last = nil
        count = 0
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
        mutating get {
            lock.lock()
            defer { lock.unlock() }
            return count
        }
    }

    /// Takes no more packets; what is left is for a last `drain`.
    mutating func close() {
        lock.lock()
        isOpen = false
        lock.unlock()
    }

    private mutating func takeFirst() -> UnsafeMutablePointer<Node>? {
        guard let node = first else { return nil }
        first = node.pointee.next
        if first == nil { last = nil }
        count -= 1
        return node
    }
}
