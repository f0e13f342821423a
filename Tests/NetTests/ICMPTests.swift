// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `An ICMP error` {
    @Test func `WG-H-4 of IPv4 is an unreachable host, from the hub to the sender, with the packet quoted`() throws {
        let packet = packet4(from: "10.3.2.2", to: "10.3.2.9", payload: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        let expected = [
            hex("45 c0 003a  0000 0000  40 01 61fb"),  // IPv4, TOS, length 58 | not fragmented | TTL 64, ICMP, checksum
            hex("0a030201  0a030202"),
            hex("03 01 e3e0  00000000"),  // host unreachable, checksum | unused
            hex("45 00 001e  abcd 0000  40 11 b6f1  0a030202  0a030209  0102030405060708090a"),
        ]
        #expect(try error(.unreachable, about: packet, from: "10.3.2.1") == expected.flatMap(\.self))
    }

    @Test func `WG-H-4 of IPv6 is an unreachable address, from the hub to the sender, with the packet quoted`() throws {
        let packet = packet6(from: "fd00::3:2:2", to: "fd00::3:2:9")
        let expected = [
            hex("60000000  0038 3a 40"),  // IPv6 | length 56, ICMPv6, hop limit 64
            hex("fd000000000000000000000300020001  fd000000000000000000000300020002"),
            hex("01 03 8908  00000000"),  // address unreachable, checksum | unused
            hex("60000000  0008 11 40  fd000000000000000000000300020002  fd000000000000000000000300020009  0102030405060708"),
        ]
        #expect(try error(.unreachable, about: packet, from: "fd00::3:2:1") == expected.flatMap(\.self))
    }

    /// Type, code and the four bytes after the checksum.
    @Test(
        arguments: [
            (.unreachable, "03 01 00000000", "01 03 00000000"),
            (.prohibited, "03 0d 00000000", "01 01 00000000"),
            (.hopLimitExceeded, "0b 00 00000000", "03 00 00000000"),
            (.tooBig(mtu: 1420), "03 04 0000058c", "02 00 0000058c"),
            (.tooBig(mtu: 1000), "03 04 000003e8", "02 00 00000500"),
            (.tooBig(mtu: 70000), "03 04 0000ffff", "02 00 00011170"),
        ] as [(ICMP.Failure, String, String)])
    func `WG-H-13 names its failure by type, code and MTU`(failure: ICMP.Failure, v4: String, v6: String) throws {
        let error4 = try error(failure, about: packet4(), from: nil)
        #expect(Array(error4[20..<22] + error4[24..<28]) == hex(v4))
        let error6 = try error(failure, about: packet6(), from: nil)
        #expect(Array(error6[40..<42] + error6[44..<48]) == hex(v6))
    }

    @Test(arguments: [0, 1, 7, 500, 520, 521, 1184, 1185, 1400])
    func `WG-H-9 quotes as much as fits in 576 and 1280 bytes, with correct checksums`(payload: Int) throws {
        let packet4 = packet4(payload: (0..<payload).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let error4 = try error(.hopLimitExceeded, about: packet4, from: "10.3.2.1")
        #expect(error4.count == min(28 + packet4.count, 576))
        #expect(Array(error4[28...]) == Array(packet4.prefix(error4.count - 28)))
        #expect(naiveChecksum(error4[..<20]) == 0)
        #expect(naiveChecksum(error4[20...]) == 0)

        let packet6 = packet6(payload: (0..<payload).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let error6 = try error(.hopLimitExceeded, about: packet6, from: "fd00::3:2:1")
        #expect(error6.count == min(48 + packet6.count, 1280))
        #expect(Array(error6[48...]) == Array(packet6.prefix(error6.count - 48)))
        #expect(checksum6(of: error6) == 0)
    }

    @Test(arguments: [nil, "fd00::3:2:1"])
    func `WG-H-11 comes from the packet's destination when the hub has no address of the family`(hub: String?) throws {
        let bytes = try error(.unreachable, about: packet4(from: "10.3.2.2", to: "10.3.2.9"), from: hub)
        #expect(Array(bytes[12..<20]) == hex("0a030209 0a030202"))
    }

    private func error(_ failure: ICMP.Failure, about packet: [UInt8], from hub: String?) throws -> [UInt8] {
        var packet = packet
        return try packet.asPacket { packet in
            [UInt8](unsafeUninitializedCapacity: ICMP.largestError6) { buffer, count in
                count = ICMP.writeError(failure, about: packet, from: hub.map { address($0) }, to: buffer.baseAddress!)
            }
        }
    }
}

struct `Whether an ICMP error is sent` {
    @Test func `yes, about a UDP packet`() throws {
        #expect(try mayAnswer(packet4()))
        #expect(try mayAnswer(packet6()))
    }

    @Test func `yes, about a packet that ends with its header`() throws {
        #expect(try mayAnswer(packet4(transport: 1, payload: [])))
        #expect(try mayAnswer(packet6(transport: 58, payload: [])))
        #expect(try mayAnswer(packet6(transport: 0, payload: [])))
    }

    @Test(arguments: [0, 8, 13, 14, 17] as [UInt8])
    func `WG-H-9 yes, about an ICMP request or reply`(type: UInt8) throws {
        #expect(try mayAnswer(packet4(transport: 1, payload: [type, 0, 0, 0, 0, 0, 0, 0])))
    }

    @Test(arguments: [3, 4, 5, 11, 12, 19, 255] as [UInt8])
    func `WG-H-9 no, about an ICMP error, a redirect or an unknown type`(type: UInt8) throws {
        #expect(try !mayAnswer(packet4(transport: 1, payload: [type, 0, 0, 0, 0, 0, 0, 0])))
    }

    @Test(arguments: [128, 129, 135, 136] as [UInt8])
    func `WG-H-9 yes, about an informational ICMPv6 message`(type: UInt8) throws {
        #expect(try mayAnswer(packet6(transport: 58, payload: [type, 0, 0, 0, 0, 0, 0, 0])))
    }

    @Test(arguments: [1, 2, 3, 4, 127, 137] as [UInt8])
    func `WG-H-9 no, about an ICMPv6 error or redirect`(type: UInt8) throws {
        #expect(try !mayAnswer(packet6(transport: 58, payload: [type, 0, 0, 0, 0, 0, 0, 0])))
    }

    @Test func `WG-H-9 no, about an ICMPv6 error behind extension headers`() throws {
        let hopByHop = hex("3c 00 0104 00000000")  // then destination options
        let options = hex("2c 01 010c 00000000 0000000000000000")  // then a fragment
        let firstFragment = hex("3a 00 0001 deadbeef")  // then ICMPv6
        let extensions = hopByHop + options + firstFragment
        #expect(try !mayAnswer(packet6(transport: 0, payload: extensions + hex("01 00 0000 00000000"))))
        #expect(try mayAnswer(packet6(transport: 0, payload: extensions + hex("80 00 0000 00000000"))))
    }

    @Test func `WG-H-9 yes, about extension headers that run past the packet`() throws {
        #expect(try mayAnswer(packet6(transport: 0, payload: hex("3a ff 0104 00000000"))))
    }

    @Test func `WG-H-9 no, about a later fragment`() throws {
        #expect(try mayAnswer(packet4(flags: 0x2000)))
        #expect(try !mayAnswer(packet4(flags: 0x2001)))
        #expect(try mayAnswer(packet6(transport: 44, payload: hex("11 00 0001 deadbeef 0102030405060708"))))
        #expect(try !mayAnswer(packet6(transport: 44, payload: hex("11 00 0008 deadbeef 0102030405060708"))))
    }

    @Test(arguments: ["0.0.0.0", "127.0.0.1", "224.0.0.251", "255.255.255.255"])
    func `WG-H-9 no, from or to an IPv4 address that is not of a single host`(text: String) throws {
        #expect(try !mayAnswer(packet4(from: text)))
        #expect(try !mayAnswer(packet4(to: text)))
    }

    @Test(arguments: ["::", "::1", "ff02::1"])
    func `WG-H-9 no, from or to an IPv6 address that is not of a single host`(text: String) throws {
        #expect(try !mayAnswer(packet6(from: text)))
        #expect(try !mayAnswer(packet6(to: text)))
    }

    @Test func `WG-X-4 no, about a header longer than its packet`() throws {
        var bytes = packet4()
        bytes[0] = 0x4F
        #expect(try !mayAnswer(bytes))
    }

    private func mayAnswer(_ packet: [UInt8]) throws -> Bool {
        var packet = packet
        return try packet.asPacket { ICMP.mayAnswer($0) }
    }
}

struct `A ping to the hub` {
    @Test func `is answered in IPv4 with a new TTL and correct checksums`() throws {
        var bytes = packet4(
            from: "10.3.2.2", to: "10.3.2.1", transport: 1, hopLimit: 3, payload: hex("08 00 a1f8 1234 0001 68656c6c6f"))
        #expect(try bytes.asPacket { ICMP.answerEcho($0) != nil })
        #expect(bytes == packet4(from: "10.3.2.1", to: "10.3.2.2", transport: 1, hopLimit: 64, payload: hex("00 00 a9f8 1234 0001 68656c6c6f")))
    }

    @Test func `is answered in IPv6 with a new hop limit and a correct checksum`() throws {
        var bytes = packet6(
            from: "fd00::3:2:2", to: "fd00::3:2:1", transport: 58, hopLimit: 3, payload: hex("80 00 2fa2 1234 0001 68656c6c6f"))
        #expect(try bytes.asPacket { ICMP.answerEcho($0) != nil })
        #expect(bytes == packet6(from: "fd00::3:2:1", to: "fd00::3:2:2", transport: 58, payload: hex("81 00 2ea2 1234 0001 68656c6c6f")))
        #expect(checksum6(of: bytes) == 0)
    }

    /// Behind hop-by-hop options, destination options, a routing header that is used up, and several of them.
    @Test(
        arguments: [
            (0, "3a 00 0104 00000000"), (60, "3a 01 010c 000000000000000000000000"), (60, "3a 00 1e04 00000000"), (43, "3a 00 0200 00000000"),
            (0, "3c 00 000000000000 3c 00 010400000000 3a 00 010400000000"),
        ] as [(UInt8, String)])
    func `WG-H-22 is answered in IPv6 behind extension headers, without them`(first: UInt8, headers: String) throws {
        let echo = hex("80 00 2fa2 1234 0001 68656c6c6f")
        var bytes = packet6(from: "fd00::3:2:2", to: "fd00::3:2:1", transport: first, hopLimit: 3, payload: hex(headers) + echo)
        let count = try bytes.asPacket { ICMP.answerEcho($0)?.byteCount }
        let reply = Array(bytes.prefix(count ?? 0))
        #expect(reply == packet6(from: "fd00::3:2:1", to: "fd00::3:2:2", transport: 58, payload: hex("81 00 2ea2 1234 0001 68656c6c6f")))
    }

    /// Options that must not be skipped (RFC 8200 4.2) or end beyond their header, hop-by-hop options that are not first, a routing header that is
    /// not used up, headers that end too late, and a fragment header.
    @Test(
        arguments: [
            (0, "3a 00 4104 00000000"), (60, "3a 00 c204 00000000"), (60, "3a 00 0105 00000000"), (60, "3a 00 000000000001"),
            (60, "00 00 010400000000 3a 00 010400000000"), (43, "3a 00 0201 00000000"), (60, "3a ff 0104 00000000"), (44, "3a 00 0000 00000001"),
        ] as [(UInt8, String)])
    func `WG-H-22 is not answered behind headers that a host must not skip`(first: UInt8, headers: String) throws {
        let packet = packet6(transport: first, payload: hex(headers) + hex("80 00 2fa2 1234 0001 68656c6c6f"))
        var bytes = packet
        #expect(try bytes.asPacket { ICMP.answerEcho($0) == nil })
        #expect(bytes == packet)
    }

    /// Replies, other codes, other protocols, fragments and packets that end too soon.
    @Test(arguments: [
        packet4(transport: 1, payload: hex("00 00 0000 1234 0001")),
        packet4(transport: 1, payload: hex("08 01 0000 1234 0001")),
        packet4(transport: 1, payload: hex("08 00 0000 1234 00")),
        packet4(transport: 17, payload: hex("08 00 0000 1234 0001")),
        packet4(transport: 1, flags: 0x2000, payload: hex("08 00 0000 1234 0001")),
        packet4(transport: 1, flags: 0x0010, payload: hex("08 00 0000 1234 0001")),
        packet6(transport: 58, payload: hex("81 00 0000 1234 0001")),
        packet6(transport: 58, payload: hex("80 01 0000 1234 0001")),
        packet6(transport: 58, payload: hex("80 00 0000 1234 00")),
        packet6(transport: 1, payload: hex("80 00 0000 1234 0001")),
    ])
    func `is the only packet that is answered; others are not changed`(packet: [UInt8]) throws {
        var bytes = packet
        #expect(try bytes.asPacket { ICMP.answerEcho($0) == nil })
        #expect(bytes == packet)
    }
}

/// The checksum that a receiver computes over an ICMPv6 packet: the pseudo header of RFC 8200 8.1, then the message. Zero if it is correct.
private func checksum6(of packet: [UInt8]) -> UInt16 {
    naiveChecksum(Array(packet[8..<40]) + [0, 0, packet[4], packet[5], 0, 0, 0, 58] + packet[40...])
}
