// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `Fragments of an IPv4 packet` {
    private func fragments(of bytes: [UInt8], mtu: Int) throws -> [[UInt8]]? {
        var bytes = bytes
        return try bytes.asPacket { packet in
            guard var fragments = IPv4Fragments(of: packet, mtu: mtu) else { return nil }
            var all: [[UInt8]] = []
            while !fragments.isDone {
                var buffer = [UInt8](repeating: 0xEE, count: mtu)
                let count = buffer.withUnsafeMutableBytes { fragments.writeNext(to: $0.baseAddress!) }
                all.append(Array(buffer[..<count]))
            }
            return all
        }
    }

    private func word(_ bytes: [UInt8], _ offset: Int) -> UInt16 { UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) }

    @Test func `WG-H-13 are as long as fits, in units of eight bytes, and all but the last say that more follow`() throws {
        let payload = (0..<100).map { UInt8($0) }
        let all = try #require(try fragments(of: packet4(payload: payload), mtu: 68))
        // 48 bytes of payload fit behind 20 of header.
        #expect(all.map(\.count) == [68, 68, 24])
        #expect(all.map { word($0, 6) } == [0x2000, 0x2006, 0x000C])
        #expect(all.map { word($0, 2) } == [68, 68, 24])
        #expect(all.flatMap { $0[20...] } == payload)
        // Identification, TTL, protocol and addresses are those of the packet, and each header has its checksum.
        #expect(all.allSatisfy { word($0, 4) == 0xABCD && $0[8...9] == [64, 17] && naiveChecksum($0[..<20]) == 0 })
        #expect(all.allSatisfy { Array($0[12..<20]) == Array(packet4()[12..<20]) })
    }

    @Test func `WG-H-13 of a fragment continue from its offset and keep its flag that more follow`() throws {
        let all = try #require(try fragments(of: packet4(flags: 0x2000 | 100, payload: [UInt8](repeating: 7, count: 96)), mtu: 68))
        #expect(all.map { word($0, 6) } == [0x2000 | 100, 0x2000 | 106])
    }

    @Test func `WG-H-13 carry the options that must be copied, and the first one carries all options`() throws {
        // Strict source route (copied), record route (not copied), end.
        let options = hex("89 03 04  07 04 05 00  00")
        var packet = packet4(payload: options + [UInt8](repeating: 1, count: 60))
        packet[0] = 0x47
        let all = try #require(try fragments(of: packet, mtu: 60))
        #expect(all.map(\.count) == [60, 56])
        #expect(Array(all[0][20..<28]) == options)
        #expect(Array(all[1][20..<28]) == hex("89 03 04  01 01 01 01  00"))
        #expect(all.allSatisfy { naiveChecksum($0[..<28]) == 0 })
    }

    @Test func `WG-H-13 are not made if the packet must not be fragmented or its header is malformed`() throws {
        let payload = [UInt8](repeating: 1, count: 100)
        #expect(try fragments(of: packet4(flags: 0x4000, payload: payload), mtu: 68) == nil)
        #expect(try fragments(of: packet6(payload: payload), mtu: 68) == nil)
        var broken = packet4(payload: payload)
        broken[0] = 0x44
        #expect(try fragments(of: broken, mtu: 68) == nil)
        broken[0] = 0x4F
        #expect(try fragments(of: broken, mtu: 60) == nil)
    }

    @Test func `WG-H-13 of any packet can be reassembled`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let payload = (0..<Int.random(in: 1...3000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let mtu = Int.random(in: 28...1500, using: &random)
            guard 20 + payload.count > mtu else { continue }
            let all = try #require(try fragments(of: packet4(payload: payload), mtu: mtu))
            var whole = [UInt8](repeating: 0, count: payload.count)
            for fragment in all {
                #expect(fragment.count <= mtu, "seed \(seed)")
                #expect(naiveChecksum(fragment[..<20]) == 0, "seed \(seed)")
                let offset = Int(word(fragment, 6) & 0x1FFF) * 8
                whole.replaceSubrange(offset..<offset + fragment.count - 20, with: fragment[20...])
            }
            #expect(whole == payload, "seed \(seed)")
        }
    }
}
