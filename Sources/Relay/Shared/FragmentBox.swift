// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// Passes fragments of packets to the hub's own addresses from the workers to the control side, which puts them together. Bounded, and
/// without an allocation: a fragment is copied to one of a few places in memory that is reserved once. The lock is held for one copy.
struct FragmentBox: ~Copyable, @unchecked Sendable {
    /// A ping of the greatest length over a usual path has 48 fragments.
    static let capacity = 64
    private static let placeByteCount = 65_536

    private let lock = SpinLock()
    private let memory = ZeroedMemory(byteCount: capacity * placeByteCount)
    private let entries = Slab<Entry>(capacity: capacity)
    /// How many were ever put in and taken out; changed under the lock.
    private let added = Atomic<UInt32>(0)
    private let taken = Atomic<UInt32>(0)

    private struct Entry {
        var sender: UInt32
        var byteCount: UInt32
    }

    /// Whether something is in it.
    var isWaiting: Bool { added.load(ordering: .relaxed) != taken.load(ordering: .relaxed) }

    /// Copies a fragment into the box. False when there is no room.
    borrowing func append(_ packet: IPPacket, from sender: UInt32) -> Bool {
        guard packet.byteCount <= Self.placeByteCount else { return false }
        lock.lock()
        defer { lock.unlock() }
        let number = added.load(ordering: .relaxed)
        guard number &- taken.load(ordering: .relaxed) < UInt32(Self.capacity) else { return false }
        let place = number % UInt32(Self.capacity)
        entries.at(place).pointee = Entry(sender: sender, byteCount: UInt32(packet.byteCount))
        (memory.base + Int(place) * Self.placeByteCount).copyMemory(from: packet.base, byteCount: packet.byteCount)
        added.store(number &+ 1, ordering: .relaxed)
        return true
    }

    /// Replaces the contents of `bytes` with the oldest fragment. Returns its sender; nil when the box is empty.
    borrowing func take(into bytes: inout [UInt8]) -> UInt32? {
        lock.lock()
        defer { lock.unlock() }
        let number = taken.load(ordering: .relaxed)
        guard number != added.load(ordering: .relaxed) else { return nil }
        let place = number % UInt32(Self.capacity)
        let entry = entries.at(place).pointee
        bytes.removeAll(keepingCapacity: true)
        bytes.append(
            contentsOf: UnsafeRawBufferPointer(start: memory.base + Int(place) * Self.placeByteCount, count: Int(entry.byteCount)))
        taken.store(number &+ 1, ordering: .relaxed)
        return entry.sender
    }
}
