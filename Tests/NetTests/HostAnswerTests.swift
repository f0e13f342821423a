// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

/// A TCP segment from port 0x1234 to 0x0050 with sequence 0x01020304, acknowledging 0x0a0b0c0d.
private func segment(flags: UInt8, payload: [UInt8] = []) -> [UInt8] {
    hex("1234 0050 01020304 0a0b0c0d 50") + [flags] + hex("ffff 0000 0000") + payload
}

struct `The answer to a packet for the hub itself` {
    private func answer(_ packet: [UInt8]) throws -> HostAnswer {
        var packet = packet
        return try packet.asPacket { HostAnswer(to: $0) }
    }

    private func reset(_ packet: [UInt8]) throws -> [UInt8] {
        var packet = packet
        return try packet.asPacket { packet in
            [UInt8](unsafeUninitializedCapacity: HostAnswer.resetByteCount) { buffer, count in
                count = HostAnswer.writeReset(about: packet, to: buffer.baseAddress!)
            }
        }
    }

    @Test func `is that no port is open, for UDP, and a reset, for TCP`() throws {
        #expect(try answer(packet4()) == .failure(.portUnreachable))
        #expect(try answer(packet6()) == .failure(.portUnreachable))
        #expect(try answer(packet4(transport: 6, payload: segment(flags: 2))) == .reset)
        #expect(try answer(packet6(transport: 6, payload: segment(flags: 2))) == .reset)
    }

    @Test func `is that the protocol is not known, for others`() throws {
        #expect(try answer(packet4(transport: 47)) == .failure(.protocolUnreachable(namedAt: 9)))
        #expect(try answer(packet6(transport: 47)) == .failure(.protocolUnreachable(namedAt: 6)))
        // Behind destination options at offset 40.
        #expect(
            try answer(packet6(transport: 60, payload: hex("2f 00 0104 00000000 0102030405060708"))) == .failure(.protocolUnreachable(namedAt: 40)))
    }

    @Test func `is silence for ICMP, resets, and what is malformed`() throws {
        #expect(try answer(packet4(transport: 1, payload: hex("0000000000000000"))) == .silence)
        #expect(try answer(packet6(transport: 58, payload: hex("8100000000000000"))) == .silence)
        #expect(try answer(packet6(transport: 59)) == .silence)
        #expect(try answer(packet4(transport: 6, payload: segment(flags: 4))) == .silence)
        #expect(try answer(packet4(transport: 6, payload: segment(flags: 0x14))) == .silence)
        // Too short, and a header that is longer than its packet.
        #expect(try answer(packet4(transport: 6, payload: Array(segment(flags: 2).dropLast()))) == .silence)
        var long = segment(flags: 2)
        long[12] = 0x60
        #expect(try answer(packet4(transport: 6, payload: long)) == .silence)
        #expect(try answer(packet4(from: "224.0.0.1", transport: 6, payload: segment(flags: 2))) == .silence)
        #expect(try answer(packet4(flags: 1)) == .silence)
    }

    @Test func `has the port and protocol errors of a host`() throws {
        var v4 = packet4(to: "10.3.2.1")
        let error4 = try v4.asPacket { packet in
            [UInt8](unsafeUninitializedCapacity: ICMP.largestError6) {
                $1 = ICMP.writeError(.portUnreachable, about: packet, from: nil, to: $0.baseAddress!)
            }
        }
        #expect(Array(error4[20..<22]) == [3, 3])
        #expect(Array(error4[12..<16]) == [10, 3, 2, 1])
        var v6 = packet6(transport: 47)
        let error6 = try v6.asPacket { packet in
            [UInt8](unsafeUninitializedCapacity: ICMP.largestError6) {
                $1 = ICMP.writeError(.protocolUnreachable(namedAt: 6), about: packet, from: nil, to: $0.baseAddress!)
            }
        }
        // Parameter problem, unrecognised next header, and where that stands.
        #expect(Array(error6[40..<42]) == [4, 1])
        #expect(Array(error6[44..<48]) == [0, 0, 0, 6])
    }

    @Test func `to a segment that acknowledges is a reset at the number it acknowledges`() throws {
        let bytes = try reset(packet4(to: "10.3.2.1", transport: 6, payload: segment(flags: 0x10, payload: [1, 2, 3])))
        #expect(bytes.count == 40)
        #expect(Array(bytes[..<12]) == hex("45 00 0028 0000 0000 40 06") + Array(bytes[10..<12]))
        #expect(Array(bytes[12..<20]) == hex("0a030201 0a030202"))
        #expect(Array(bytes[20..<36]) == hex("0050 1234 0a0b0c0d 00000000 50 04 0000"))
        #expect(naiveChecksum(bytes[..<20]) == 0)
        #expect(naiveChecksum(Array(bytes[12..<20]) + [0, 6, 0, 20] + bytes[20...]) == 0)
    }

    @Test(arguments: [(2, 0, 0x0102_0305), (0, 3, 0x0102_0307), (1, 3, 0x0102_0308)] as [(UInt8, Int, UInt32)])
    func `to any other segment is a reset that acknowledges all of it`(flags: UInt8, payload: Int, acknowledged: UInt32) throws {
        let bytes = try reset(packet6(to: "fd00::1", transport: 6, payload: segment(flags: flags, payload: [UInt8](repeating: 9, count: payload))))
        #expect(bytes.count == 60)
        #expect(Array(bytes[..<8]) == hex("60000000 0014 06 40"))
        let number = (0..<4).map { UInt8(truncatingIfNeeded: acknowledged >> (24 - 8 * $0)) }
        #expect(Array(bytes[40..<56]) == hex("0050 1234 00000000") + number + hex("50 14 0000"))
        #expect(naiveChecksum(Array(bytes[8..<40]) + [0, 0, 0, 20, 0, 0, 0, 6] + bytes[40...]) == 0)
    }
}
