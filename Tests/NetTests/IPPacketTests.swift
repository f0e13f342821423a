// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `An IP packet` {
    @Test func `shows the addresses and the transport of an IPv4 header`() throws {
        var bytes = hex(
            """
            45 00 001c  abcd 4000  40 11 0000
            0a030202
            0a030203
            0102030405060708
            """)
        try bytes.asPacket { packet in
            #expect(packet.isV4)
            #expect(packet.byteCount == 28)
            #expect(packet.headerByteCount == 20)
            #expect(packet.source == address("10.3.2.2"))
            #expect(packet.destination == address("10.3.2.3"))
            #expect(packet.nextProtocol == 17)
            #expect(packet.hopLimit == 64)
            #expect(packet.dontFragment)
            #expect(packet.isFirstFragment)
        }
    }

    @Test func `shows the addresses and the next header of an IPv6 header`() throws {
        var bytes = hex(
            """
            60000000 0008 3a 3f
            fd000000000000000000000300020002
            fd000000000000000000000300020003
            0102030405060708
            """)
        try bytes.asPacket { packet in
            #expect(!packet.isV4)
            #expect(packet.byteCount == 48)
            #expect(packet.headerByteCount == 40)
            #expect(packet.source == address("fd00::3:2:2"))
            #expect(packet.destination == address("fd00::3:2:3"))
            #expect(packet.nextProtocol == 58)
            #expect(packet.hopLimit == 63)
            #expect(packet.dontFragment)
        }
    }

    @Test(arguments: [0, 1, 19])
    func `WG-X-2 of IPv4 needs 20 bytes`(count: Int) {
        #expect(refusal(Array(packet4().prefix(count))) == .badInnerType)
    }

    @Test(arguments: [1, 20, 39])
    func `WG-X-2 of IPv6 needs 40 bytes`(count: Int) {
        #expect(refusal(Array(packet6().prefix(count))) == .badInnerType)
    }

    @Test(arguments: Array(0...15).filter { $0 != 4 && $0 != 6 } as [UInt8])
    func `WG-X-2 has version 4 or 6`(version: UInt8) {
        #expect(refusal([version << 4 | 5] + Array(repeating: 0, count: 63)) == .badInnerType)
    }

    @Test func `WG-D-2 is not sixteen zero bytes`() {
        #expect(refusal(Array(repeating: 0, count: 16)) == .badInnerType)
    }

    @Test(arguments: [0, 19, 29, 65535] as [UInt16])
    func `WG-X-3 of IPv4 has a total length from 20 to the received length`(length: UInt16) {
        var bytes = packet4()
        (bytes[2], bytes[3]) = (UInt8(length >> 8), UInt8(length & 0xFF))
        #expect(refusal(bytes) == .badInnerLength)
    }

    /// 65496 + 40 is where sixteen bits overflow.
    @Test(arguments: [9, 65495, 65496, 65500, 65535] as [UInt16])
    func `WG-X-3 of IPv6 has no more payload than was received`(length: UInt16) {
        var bytes = packet6()
        (bytes[4], bytes[5]) = (UInt8(length >> 8), UInt8(length & 0xFF))
        #expect(refusal(bytes) == .badInnerLength)
    }

    @Test(arguments: [65495, 65496, 65535])
    func `WG-X-6 of IPv6 may have the largest payload`(length: Int) throws {
        var bytes = packet6(payload: Array(repeating: 0, count: length))
        try bytes.asPacket { #expect($0.byteCount == length + 40) }
    }

    @Test func `WG-X-3 ends where its header says, before the padding`() throws {
        var padded4 = packet4() + Array(repeating: 0, count: 4)
        try padded4.asPacket { #expect($0.byteCount == 28) }
        var padded6 = packet6() + Array(repeating: 0, count: 15)
        try padded6.asPacket { #expect($0.byteCount == 48) }
    }

    @Test(arguments: [0, 4, 8, 15] as [UInt8])
    func `WG-X-4 has no known payload if its IHL is too small or beyond the packet`(words: UInt8) throws {
        var bytes = packet4()
        bytes[0] = 0x40 | words
        try bytes.asPacket { #expect($0.headerByteCount == nil) }
    }

    @Test(arguments: [(0x0000, true), (0x2000, true), (0x4000, true), (0x0001, false), (0x2001, false), (0x1FFF, false)] as [(UInt16, Bool)])
    func `is a first fragment at offset zero`(flags: UInt16, isFirst: Bool) throws {
        var bytes = packet4(flags: flags)
        try bytes.asPacket { #expect($0.isFirstFragment == isFirst) }
    }

    private func refusal(_ bytes: [UInt8]) -> DropReason? {
        var bytes = bytes + [0]  // Room, so that an empty packet has an address.
        let available = bytes.count - 1
        return bytes.withUnsafeMutableBytes { buffer in
            do throws(DropReason) {
                _ = try IPPacket(at: buffer.baseAddress!, available: available)
                return nil
            } catch {
                return error
            }
        }
    }
}

struct `The hop limit` {
    @Test func `WG-H-3 of IPv4 is lowered by one with a correct checksum`() throws {
        for hopLimit in 1...255 as ClosedRange<UInt8> {
            var bytes = packet4(transport: 6, hopLimit: hopLimit)
            try bytes.asPacket { $0.decrementHopLimit() }
            #expect(bytes == packet4(transport: 6, hopLimit: hopLimit - 1))
        }
    }

    @Test func `WG-H-3 of IPv6 is lowered by one and nothing else changes`() throws {
        var bytes = packet6(hopLimit: 64)
        try bytes.asPacket { $0.decrementHopLimit() }
        #expect(bytes == packet6(hopLimit: 63))
    }

    @Test func `WG-X-4 of a header with an invalid IHL is changed only inside the fixed header`() throws {
        var bytes = packet4(hopLimit: 9)
        bytes[0] = 0x4F
        let before = bytes
        try bytes.asPacket { $0.decrementHopLimit() }
        #expect(bytes[8] == 8)
        #expect(bytes[12...] == before[12...])
        #expect(bytes[..<8] == before[..<8])
    }
}
