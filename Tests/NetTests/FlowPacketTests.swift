// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

/// A TCP header: from port 40,000 to 22.
private func tcp(flags: UInt8 = 2) -> [UInt8] { hex("9C40 0016 00000001 00000000 50") + [flags] + hex("FFFF 0000 0000") }
private let udp: [UInt8] = hex("1389 0035 0008 0000")

private func read(_ bytes: [UInt8]) throws -> FlowPacket {
    var bytes = bytes
    return try bytes.asPacket { FlowPacket($0) }
}

private func quoted(_ bytes: [UInt8]) throws -> FlowPacket? {
    var bytes = bytes
    return try bytes.asPacket { FlowPacket.quoted(in: $0) }
}

struct `What a packet says about its flow` {
    @Test(arguments: [true, false])
    func `is its ports for TCP and UDP, and whether it opens or ends a connection`(isV4: Bool) throws {
        let packet = { (number: UInt8, payload: [UInt8]) in
            isV4 ? packet4(transport: number, payload: payload) : packet6(transport: number, payload: payload)
        }
        let syn = try read(packet(6, tcp()))
        #expect(syn.kind == .flow && syn.number == 6 && syn.sourcePort == 40_000 && syn.destinationPort == 22)
        #expect(syn.opens && !syn.finishes && !syn.resets)
        #expect(try !read(packet(6, tcp(flags: 0x12))).opens)
        #expect(try read(packet(6, tcp(flags: 0x11))).finishes)
        #expect(try read(packet(6, tcp(flags: 0x04))).resets)
        let query = try read(packet(17, udp))
        #expect(query.kind == .flow && query.sourcePort == 5001 && query.destinationPort == 53 && !query.opens)
        #expect(query.forRules.port == 53 && query.reversed.port == 5001)
        #expect(query.reversed.source == query.forRules.destination)
    }

    @Test func `is the identifier for a ping`() throws {
        let request = try read(packet4(transport: 1, payload: hex("0800 0000 1234 0001")))
        #expect(request.kind == .flow && request.opens && request.sourcePort == 0x1234 && request.destinationPort == 0x1234)
        let reply = try read(packet6(transport: 58, payload: hex("8100 0000 1234 0001")))
        #expect(reply.kind == .flow && !reply.opens && reply.sourcePort == 0x1234)
        #expect(reply.forRules.port == 0)
        // A redirect.
        #expect(try read(packet4(transport: 1, payload: hex("0500 0000 0A030209 00000000"))).kind == .single)
        // ICMPv6 has no meaning in IPv4.
        #expect(try read(packet4(transport: 58, payload: hex("8000 0000 1234 0001"))).destinationPort == 0)
    }

    @Test func `is nothing for other protocols`() throws {
        let packet = try read(packet4(transport: 47, payload: []))
        #expect(packet.kind == .flow && packet.number == 47 && packet.sourcePort == 0 && packet.destinationPort == 0)
    }

    @Test func `comes behind IPv6 options`() throws {
        // Hop-by-hop options with padding, then TCP.
        let packet = try read(packet6(transport: 0, payload: hex("06 00 01 04 00000000") + tcp()))
        #expect(packet.number == 6 && packet.destinationPort == 22)
        // The options say that they are longer than the packet.
        #expect(try read(packet6(transport: 0, payload: hex("06 09 01 04 00000000") + tcp())).kind == .malformed)
        // And end where the packet does.
        #expect(try read(packet6(transport: 60, payload: hex("3C 00 01 04 00000000"))).kind == .malformed)
    }

    @Test(arguments: [(6, 19), (17, 7), (1, 7)] as [(UInt8, Int)])
    func `cannot be read from a header that is cut off`(number: UInt8, byteCount: Int) throws {
        #expect(try read(packet4(transport: number, payload: [UInt8](repeating: 0, count: byteCount))).kind == .malformed)
        #expect(try read(packet4(transport: number, payload: [])).kind == .malformed)
    }

    @Test func `holds for all fragments of a packet`() throws {
        let first = try read(packet4(transport: 17, flags: 0x2000, payload: udp + [1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(first.kind == .flow && first.hasMoreFragments && first.identification == 0xABCD)
        let later = try read(packet4(transport: 17, flags: 0x2002, payload: udp))
        #expect(later.kind == .laterFragment && later.identification == 0xABCD && later.number == 17)
        let first6 = try read(packet6(transport: 44, payload: hex("11 00 0001 00000007") + udp))
        #expect(first6.kind == .flow && first6.number == 17 && first6.hasMoreFragments && first6.identification == 7)
        let later6 = try read(packet6(transport: 44, payload: hex("11 00 0010 00000007") + udp))
        #expect(later6.kind == .laterFragment && later6.number == 0 && later6.identification == 7)
        // A whole packet with a fragment header.
        let atomic = try read(packet6(transport: 44, payload: hex("11 00 0000 00000007") + udp))
        #expect(atomic.kind == .flow && !atomic.hasMoreFragments)
    }

    @Test func `is not taken from fragments that could change the header of TCP`() throws {
        #expect(try read(packet4(transport: 6, flags: 1, payload: tcp())).kind == .malformed)
        #expect(try read(packet6(transport: 44, payload: hex("06 00 0008 00000007") + tcp())).kind == .malformed)
        // The first fragment must show the flags.
        #expect(try read(packet4(transport: 6, flags: 0x2000, payload: Array(tcp().prefix(8)))).kind == .malformed)
    }

    @Test func `is quoted by an ICMP error`() throws {
        let query = packet4(from: "10.3.2.2", to: "10.3.2.3", transport: 17, payload: udp)
        let error = packet4(from: "10.3.2.3", to: "10.3.2.2", transport: 1, payload: hex("0303 0000 00000000") + query)
        #expect(try read(error).kind == .error)
        let flow = try #require(try quoted(error))
        #expect(flow.sourcePort == 5001 && flow.destinationPort == 53)
        #expect(flow.source == 0x0A03_0202 && flow.destination == 0x0A03_0203)
        // RFC 792 lets an error end after the ports.
        let segment = packet4(transport: 6, payload: Array(tcp().prefix(8)))
        #expect(try quoted(packet4(transport: 1, payload: hex("0303 0000 00000000") + segment))?.destinationPort == 22)
    }

    @Test func `is never read from outside the packet`() throws {
        let whole = packet4(transport: 1, payload: hex("0303 0000 00000000") + packet4(transport: 17, payload: udp))
        for length in 20...whole.count {
            // The bytes that follow are there, but not part of the packet.
            var bytes = whole
            (bytes[2], bytes[3]) = (UInt8(length >> 8), UInt8(length & 255))
            let flow = try bytes.asPacket { FlowPacket.quoted(in: $0) }
            #expect((flow != nil) == (length >= 20 + 8 + 20 + 4), "\(length)")
        }
    }
}
