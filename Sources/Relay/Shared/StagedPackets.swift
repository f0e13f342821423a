// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization
import WireGuard

/// Inner packets that wait for a keypair with their receiver: at most 128 and 256 KiB; the oldest are dropped first (WG-D-3, WG-D-4,
/// WG-H-6). They are copied to small buffers, so that receive buffers are free at once. Stored in a peer's slot, with its own lock. The
/// fields are atomic, so that packets can arrive while `take` lends others to its caller.
struct StagedPackets: ~Copyable {
    /// The maximum number of staged bytes over all peers, so that many dead peers cannot use up the memory (WG-D-4).
    static let byteLimit = 32 << 20
    /// The maximum number of bytes of one peer.
    static let byteLimitPerPeer = 256 << 10

    enum Outcome: Equatable {
        /// This many of the oldest were dropped for it.
        case staged(dropped: Int)
        /// All peers together are at their limit.
        case full
        /// The peer is removed or disabled.
        case refused
    }

    private let lock: SpinLock
    private let isOpen: Atomic<Bool>
    private let isQueueing: Atomic<Bool>
    private let isBeingSent: Atomic<Bool>
    private let first: Atomic<UnsafeMutablePointer<Node>?>
    private let last: Atomic<UnsafeMutablePointer<Node>?>
    private let count: Atomic<Int>
    private let bytes: Atomic<Int>

    /// Who sent a packet, and which rules let it pass. If the rules have changed since then, the engine decides again before it sends the
    /// packet.
    struct Origin: Equatable {
        /// What the hub itself says needs no decision.
        static let hub = Origin(sender: ForwardingTable.hub, tenancy: 0, snapshot: 0)

        /// Whether rules let it pass.
        var isDecided: Bool { snapshot != 0 }

        var sender: UInt32
        /// The `tenancy` of the sender's slot.
        var tenancy: UInt32
        /// The number of the snapshot.
        var snapshot: UInt64
    }

    private struct Node {
        var next: UnsafeMutablePointer<Node>?
        var byteCount: Int
        var origin: Origin
        /// The packet's bytes follow the header.
        static let headerByteCount = MemoryLayout<Node>.stride
    }

    /// Whether a new packet must queue, because earlier ones wait or are being sent (WG-D-5).
    var mustQueue: Bool { isQueueing.load(ordering: .acquiring) }

    /// Starts to accept packets.
    borrowing func open() {
        lock.lock()
        isOpen.store(true, ordering: .relaxed)
        lock.unlock()
    }

    /// Copies a packet to the end of the queue. `total` counts the bytes of all peers. `full` when the total is at its limit.
    borrowing func append(
        _ packet: UnsafeRawPointer, byteCount: Int, from origin: Origin, total: borrowing Atomic<Int>
    ) -> Outcome {
        guard total.load(ordering: .relaxed) + byteCount <= Self.byteLimit else { return .full }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: Node.headerByteCount + byteCount, alignment: 16)
        let node = raw.bindMemory(to: Node.self, capacity: 1)
        node.initialize(to: Node(next: nil, byteCount: byteCount, origin: origin))
        (raw + Node.headerByteCount).copyMemory(from: packet, byteCount: byteCount)
        lock.lock()
        guard isOpen.load(ordering: .relaxed) else {
            lock.unlock()
            node.deallocate()
            return .refused
        }
        var (oldest, dropped) = (nil as UnsafeMutablePointer<Node>?, 0)
        while waiting == Constants.stagedPackets || byteCountWaiting + byteCount > Self.byteLimitPerPeer, let node = takeFirst() {
            node.pointee.next = oldest
            oldest = node
            dropped += 1
        }
        if let last = last.load(ordering: .relaxed) { last.pointee.next = node } else { first.store(node, ordering: .relaxed) }
        last.store(node, ordering: .relaxed)
        count.add(1, ordering: .relaxed)
        bytes.add(byteCount, ordering: .relaxed)
        isQueueing.store(true, ordering: .relaxed)
        lock.unlock()
        total.add(byteCount, ordering: .relaxed)
        free(oldest, total: total)
        return .staged(dropped: dropped)
    }

    /// Drops the oldest packets until at least `byteCount` bytes are free. Returns their number.
    borrowing func dropOldest(_ byteCount: Int, total: borrowing Atomic<Int>) -> Int {
        var (oldest, dropped, freed) = (nil as UnsafeMutablePointer<Node>?, 0, 0)
        lock.lock()
        while freed < byteCount, let node = takeFirst() {
            node.pointee.next = oldest
            oldest = node
            dropped += 1
            freed += node.pointee.byteCount
        }
        if first.load(ordering: .relaxed) == nil, !isBeingSent.load(ordering: .relaxed) { isQueueing.store(false, ordering: .releasing) }
        lock.unlock()
        free(oldest, total: total)
        return dropped
    }

    private borrowing func free(_ nodes: UnsafeMutablePointer<Node>?, total: borrowing Atomic<Int>) {
        var next = nodes
        while let node = next {
            next = node.pointee.next
            total.subtract(node.pointee.byteCount, ordering: .relaxed)
            node.deallocate()
        }
    }

    /// Starts to send the staged packets. False when there are none or another thread sends them. End with `endSending` or `pauseSending`.
    borrowing func beginSending() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard !isBeingSent.load(ordering: .relaxed), first.load(ordering: .relaxed) != nil else { return false }
        isBeingSent.store(true, ordering: .relaxed)
        return true
    }

    /// Ends sending once the kernel has all packets taken; new packets need not queue any more. False when more packets arrived meanwhile.
    borrowing func endSending() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard first.load(ordering: .relaxed) == nil else { return false }
        isBeingSent.store(false, ordering: .relaxed)
        isQueueing.store(false, ordering: .releasing)
        return true
    }

    /// Leaves the rest for the next `beginSending`; new packets queue until then.
    borrowing func pauseSending() { isBeingSent.store(false, ordering: .releasing) }

    /// Takes all packets and calls `body` with each, oldest first. Returns their number.
    borrowing func take(total: borrowing Atomic<Int>, _ body: (UnsafeMutableRawPointer, Int, Origin) -> Void) -> Int {
        lock.lock()
        var node = first.exchange(nil, ordering: .relaxed)
        last.store(nil, ordering: .relaxed)
        let taken = count.exchange(0, ordering: .relaxed)
        bytes.store(0, ordering: .relaxed)
        lock.unlock()
        while let current = node {
            node = current.pointee.next
            total.subtract(current.pointee.byteCount, ordering: .relaxed)
            body(UnsafeMutableRawPointer(current) + Node.headerByteCount, current.pointee.byteCount, current.pointee.origin)
            current.deallocate()
        }
        return taken
    }

    /// Drops all packets. Returns their number.
    borrowing func purge(total: borrowing Atomic<Int>) -> Int {
        let purged = take(total: total) { _, _, _ in }
        lock.lock()
        if first.load(ordering: .relaxed) == nil, !isBeingSent.load(ordering: .relaxed) { isQueueing.store(false, ordering: .releasing) }
        lock.unlock()
        return purged
    }

    /// The number of packets that wait.
    var waiting: Int {
        count.load(ordering: .relaxed)
    }

    /// Their bytes.
    var byteCountWaiting: Int { bytes.load(ordering: .relaxed) }

    /// Accepts no more packets. Call `purge` once more for those that are left.
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
        bytes.subtract(node.pointee.byteCount, ordering: .relaxed)
        return node
    }
}
