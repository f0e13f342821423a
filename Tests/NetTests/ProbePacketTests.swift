// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

@Suite struct `A probe` {
    private let token: UInt128 = 0x8001_0203_0405_0607_0809_0A0B_0C0D_0E0F

    private func probe(from source: String, to destination: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: ICMP.probeByteCount)
        let count = bytes.withUnsafeMutableBytes { ICMP.writeProbe(token, from: address(source), to: address(destination), to: $0.baseAddress!) }
        return Array(bytes.prefix(count))
    }

    private func answer(in bytes: [UInt8]) throws -> ICMP.ProbeAnswer? {
        var bytes = bytes
        return try bytes.asPacket { ICMP.probeAnswer(in: $0) }
    }

    @Test func `of IPv4 is an echo request with the token as its payload`() {
        let expected = [
            hex("45 00 002c  0000 0000  40 01 62bd"),  // IPv4, length 44 | not fragmented | TTL 64, ICMP, checksum
            hex("0a030203  0a030202"),
            hex("08 00 2fad  0e0f 0001"),  // echo request, checksum | identifier, the end of the token | sequence number
            hex("80010203 04050607 08090a0b 0c0d0e0f"),
        ].flatMap(\.self)
        let bytes = probe(from: "10.3.2.3", to: "10.3.2.2")
        #expect(bytes.count == expected.count)
        #expect(naiveChecksum(bytes[..<20]) == 0)
        #expect(naiveChecksum(bytes[20...]) == 0)
        #expect(bytes[..<10] == expected[..<10])
        #expect(bytes[12..<22] == expected[12..<22])
        #expect(bytes[24...] == expected[24...])
    }

    @Test func `of IPv6 is an echo request with the token as its payload`() {
        let bytes = probe(from: "fd00::3", to: "fd00::2")
        #expect(bytes.prefix(8) == hex("60000000  0018 3a 40").prefix(8))
        #expect(Array(bytes[40..<42] + bytes[44...]) == hex("80 00  0e0f 0001  80010203 04050607 08090a0b 0c0d0e0f"))
        // RFC 8200 8.1: the sum runs over addresses, length and next header too.
        #expect(naiveChecksum(bytes[8..<40] + [0, 0, 0, 24, 0, 0, 0, 58] + bytes[40...]) == 0)
        #expect(probe(from: "10.3.2.3", to: "fd00::2") == [])
    }

    @Test(arguments: [("10.3.2.3", "10.3.2.2"), ("fd00::3", "fd00::2")])
    func `is recognised in its reply`(source: String, destination: String) throws {
        var bytes = probe(from: source, to: destination)
        #expect(try answer(in: bytes) == nil)
        #expect(try bytes.asPacket { ICMP.answerEcho($0) != nil })
        #expect(try answer(in: bytes) == .reply(token))
        bytes[bytes.count - 1] ^= 1
        #expect(try answer(in: bytes) == .reply(token ^ 1))
    }

    @Test(arguments: [("10.3.2.3", "10.3.2.2"), ("fd00::3", "fd00::2")])
    func `may have any size, and is known again by its beginning`(source: String, destination: String) throws {
        for byteCount in [0, 63, 576, 1420] {
            var bytes = [UInt8](repeating: 0xEE, count: 1500)
            let count = bytes.withUnsafeMutableBytes {
                ICMP.writeProbe(token, from: address(source), to: address(destination), byteCount: byteCount, to: $0.baseAddress!)
            }
            bytes = Array(bytes.prefix(count))
            let header = source.contains(":") ? 40 : 20
            #expect(count == max(byteCount, header + 24))
            #expect(bytes[(header + 24)...].allSatisfy { $0 == 0 })
            let pseudo = header == 40 ? bytes[8..<40] + [0, 0, UInt8((count - 40) >> 8), UInt8((count - 40) & 255), 0, 0, 0, 58] : []
            #expect(naiveChecksum(pseudo + bytes[header...]) == 0)
            #expect(try bytes.asPacket { ICMP.answerEcho($0) != nil })
            #expect(try answer(in: bytes) == .reply(token))
        }
    }

    @Test(arguments: [("10.3.2.3", "10.3.2.2"), ("fd00::3", "fd00::2")])
    func `is recognised in the error of a firewall`(source: String, destination: String) throws {
        var request = probe(from: source, to: destination)
        var error = [UInt8](repeating: 0, count: ICMP.largestError6)
        let count = try request.asPacket { packet in
            error.withUnsafeMutableBytes { ICMP.writeError(.prohibited, about: packet, from: address(destination), to: $0.baseAddress!) }
        }
        #expect(try answer(in: Array(error.prefix(count))) == .unreachable(token))
        // Cut before the token's end.
        var short = Array(error.prefix(count - 1))
        if short[0] >> 4 == 4 { short[3] -= 1 } else { short[5] -= 1 }
        #expect(try answer(in: short) == nil)
    }

    @Test func `is not recognised in other packets`() throws {
        #expect(try answer(in: packet4()) == nil)
        #expect(try answer(in: packet4(transport: 1, payload: [0, 0, 0, 0, 0, 7, 0, 1])) == nil)
        #expect(try answer(in: packet4(transport: 1, payload: [0, 0] + [UInt8](repeating: 0, count: 21))) == nil)
        #expect(try answer(in: packet4(transport: 1, flags: 1, payload: [UInt8](repeating: 0, count: 24))) == nil)
        #expect(try answer(in: packet6(transport: 58, payload: [129, 1] + [UInt8](repeating: 0, count: 22))) == nil)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let payload = (0..<Int.random(in: 0..<80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try answer(in: packet4(transport: 1, payload: payload))
            _ = try answer(in: packet6(transport: 58, payload: payload))
        }
    }

    @Test func `has an outcome that survives conversion to text and back`() {
        let outcomes: [ProbeOutcome] = [
            .answered(.nanoseconds(12_345_678)), .refused, .noAnswer, .noSession, .noEndpoint, .notInForce, .limited,
            .largeLost(.nanoseconds(5), largest: 1200, tried: 1420), .largeLost(.nanoseconds(5), largest: nil, tried: 1420),
        ]
        for outcome in outcomes { #expect(ProbeOutcome(outcome.description) == outcome) }
        for text in ["", "answered", "answered x", "answered -1", "answered 1 2", "large_lost", "large_lost 1 2", "large_lost 1 x 3", "no"] {
            #expect(ProbeOutcome(text) == nil)
        }
    }
}
