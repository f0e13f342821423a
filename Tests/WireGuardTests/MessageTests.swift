// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing
import WireGuard

struct `A message` {
    @Test(
        arguments: [
            (1, 148, .initiation), (2, 92, .response), (3, 64, .cookieReply), (4, 32, .transport), (4, 33, .transport), (4, 65507, .transport),
        ] as [(UInt8, Int, MessageType)])
    func `WG-F-2 to WG-F-5 is known by type and length`(type: UInt8, byteCount: Int, expected: MessageType) throws {
        #expect(try read([type, 0, 0, 0], byteCount: byteCount) == expected)
    }

    @Test(
        arguments: [
            (1, 147), (1, 149), (1, 92), (1, 4), (2, 91), (2, 93), (2, 148), (3, 63), (3, 65), (3, 32), (4, 31), (4, 16), (4, 4),
        ] as [(UInt8, Int)])
    func `WG-F-6 has no other length`(type: UInt8, byteCount: Int) {
        #expect(throws: DropReason.badLength) { try read([type, 0, 0, 0], byteCount: byteCount) }
    }

    @Test(arguments: [0, 5, 6, 128, 255] as [UInt8])
    func `WG-F-1 has no other type`(type: UInt8) {
        #expect(throws: DropReason.shortOrUnknownType) { try read([type, 0, 0, 0], byteCount: 148) }
    }

    @Test(arguments: [[1, 1, 0, 0], [1, 0, 1, 0], [4, 0, 0, 1], [2, 255, 255, 255], [0, 0, 0, 1]] as [[UInt8]])
    func `WG-F-1 has three zero bytes after its type`(head: [UInt8]) {
        #expect(throws: DropReason.shortOrUnknownType) { try read(head, byteCount: 148) }
    }

    @Test(arguments: 0...3)
    func `WG-F-1 has at least four bytes`(byteCount: Int) {
        #expect(throws: DropReason.shortOrUnknownType) { try read([1, 0, 0, 0], byteCount: byteCount) }
    }

    @Test func `WG-F-9 of any length up to the largest datagram does no harm`() {
        for type in 0...5 as ClosedRange<UInt8> {
            for byteCount in 0...2000 {
                _ = try? read([type, 0, 0, 0], byteCount: byteCount)
            }
        }
    }

    /// Exactly `byteCount` bytes, so that a sanitizer sees a read beyond them.
    private func read(_ head: [UInt8], byteCount: Int) throws -> MessageType {
        let message = (head + Array(repeating: 0, count: byteCount)).prefix(byteCount) + []
        return try Array(message).withUnsafeBytes { try MessageType.read($0.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!, byteCount: byteCount) }
    }
}

struct `A transport message` {
    @Test func `WG-F-7 begins with type, receiver and counter, little endian`() {
        var header = [UInt8](repeating: 0xFF, count: 16)
        Transport.writeHeader(receiver: 0x0102_0304, counter: 0x0506_0708_090A_0B0C, to: &header)
        #expect(header == hex("04000000 04030201 0c0b0a0908070605"))
    }

    @Test(arguments: [(0, 0), (1, 16), (15, 16), (16, 16), (17, 32), (1419, 1424), (1420, 1424), (65535, 65536)])
    func `WG-D-1 is padded to a multiple of 16 if there is no MTU`(byteCount: Int, padded: Int) {
        #expect(Transport.paddedByteCount(byteCount, mtu: 0) == padded)
    }

    @Test(arguments: [
        (0, 1420, 0), (1, 1420, 16), (1408, 1420, 1408), (1409, 1420, 1420), (1419, 1420, 1420), (1420, 1420, 1420),
        (1296, 1299, 1296), (1297, 1299, 1299), (1299, 1299, 1299), (1299, 1300, 1300), (1300, 1300, 1300),
    ])
    func `WG-D-1 is not padded beyond the MTU`(byteCount: Int, mtu: Int, padded: Int) {
        #expect(Transport.paddedByteCount(byteCount, mtu: mtu) == padded)
    }

    /// Only the part above a multiple of the MTU counts, as in the kernel.
    @Test(arguments: [(1300, 1299, 1315), (1421, 1420, 1436), (2840, 1420, 2840), (2839, 1420, 2840), (34816, 1420, 34816)])
    func `WG-D-1 larger than the MTU is padded by its last part`(byteCount: Int, mtu: Int, padded: Int) {
        #expect(Transport.paddedByteCount(byteCount, mtu: mtu) == padded)
    }

    @Test func `WG-D-2 without content has 32 bytes`() {
        #expect(Transport.overhead + Transport.paddedByteCount(0, mtu: 1420) == 32)
    }
}
