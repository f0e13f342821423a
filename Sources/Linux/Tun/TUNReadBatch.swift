// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// Memory for the packets that a thread reads from its TUN queue in one round. Each has free bytes before and after it, so that it can be
/// encrypted in place. Allocated once and owned by one thread.
public struct TUNReadBatch: ~Copyable {
    /// Free bytes before each packet: enough for a header of WireGuard, and a whole cache line.
    private static let headRoom = 64
    /// Free bytes after it: padding and tag.
    private static let tailRoom = 64
    /// No packet or super-packet is longer (GSO_LEGACY_MAX_SIZE, and an IPv6 header).
    private static let largest = 65_536 + 64
    /// Four super-packets; more would leave the second-level cache, as with datagrams.
    private static let byteCount = 4 * 65_536

    private let memory: UnsafeMutableRawPointer
    private var used = 0

    /// One packet, with what the kernel left to do.
    public struct Packet {
        public var bytes: UnsafeMutableRawPointer
        public var byteCount: Int
        /// Writable bytes from `bytes` on.
        public var room: Int
        /// Nil if the kernel sent something that the hub did not ask for.
        public var header: VirtioHeader?
    }

    /// Reserves memory only if `isUsed`.
    public init(isUsed: Bool) {
        memory = .allocate(byteCount: isUsed ? Self.byteCount + Self.headRoom + Self.largest + Self.tailRoom : 0, alignment: 64)
    }

    deinit { memory.deallocate() }

    /// Forgets all packets of the last round.
    public mutating func removeAll() { used = 0 }

    /// Whether the round should end here: the next packet might not fit.
    public var isFull: Bool { used >= Self.byteCount }

    /// Reads the next packet. Nil when none waits; throws when the interface is gone. Call only if the batch is not full. readv(2)
    public mutating func next(from queue: TUNQueue) throws(Errno) -> Packet? {
        let bytes = memory + used + Self.headRoom
        // The header is read to the bytes before the packet, which are overwritten later.
        let header = bytes - VirtioHeader.byteCount
        let count: Int
        do throws(Errno) {
            count = try systemCall { read(queue.descriptor.raw, header, VirtioHeader.byteCount + Self.largest) }
        } catch {
            guard error == .wouldBlock else { throw error }
            return nil
        }
        let byteCount = max(0, count - VirtioHeader.byteCount)
        used += (Self.headRoom + byteCount + Self.tailRoom + 63) & ~63
        return Packet(bytes: bytes, byteCount: byteCount, room: byteCount + Self.tailRoom, header: VirtioHeader(at: header))
    }
}
