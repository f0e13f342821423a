// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

/// A packet with a correct transport checksum.
private func transport(
    _ number: UInt8, isV4: Bool, payload: [UInt8], sequence: UInt32 = 1, flags: UInt8 = 0x10, options: [UInt8] = []
) throws -> [UInt8] {
    var body: [UInt8] = [0x30, 0x39, 0x01, 0xBB]
    if number == 6 {
        body += (0..<4).map { UInt8(truncatingIfNeeded: sequence >> (24 - 8 * $0)) } + [0, 0, 0, 9]
        body += [UInt8(5 + options.count / 4) << 4, flags, 0x10, 0, 0, 0, 0, 0] + options
    } else {
        body += [UInt8((8 + payload.count) >> 8), UInt8((8 + payload.count) & 255), 0, 0]
    }
    var bytes = isV4 ? packet4(transport: number, flags: 0x4000, payload: body + payload) : packet6(transport: number, payload: body + payload)
    let start = isV4 ? 20 : 40
    let checksum = naiveChecksum(pseudoHeader(of: bytes, number) + bytes[start...])
    let field = start + (number == 6 ? 16 : 6)
    (bytes[field], bytes[field + 1]) = (UInt8(checksum >> 8), UInt8(checksum & 255))
    return bytes
}

private func pseudoHeader(of packet: [UInt8], _ number: UInt8) -> [UInt8] {
    let isV4 = packet[0] >> 4 == 4
    let byteCount = packet.count - (isV4 ? 20 : 40)
    return Array(isV4 ? packet[12..<20] : packet[8..<40]) + [0, number, UInt8(byteCount >> 8), UInt8(byteCount & 255)]
}

/// Whether the checksum of TCP or UDP is right, by the naive sum.
private func isIntact(_ packet: [UInt8], _ number: UInt8) -> Bool {
    let start = packet[0] >> 4 == 4 ? 20 : 40
    let sum = naiveChecksum(pseudoHeader(of: packet, number) + packet[start...])
    return sum == 0 && (start == 40 || naiveChecksum(packet[..<20]) == 0)
}

private func header(_ kind: VirtioHeader.Segmentation, segment: UInt16, start: UInt16) -> VirtioHeader {
    var header = VirtioHeader()
    header.needsChecksum = true
    header.segmentation = kind
    header.segmentByteCount = segment
    header.checksumStart = start
    header.checksumOffset = kind == .udp ? 6 : 16
    return header
}

/// The segments of a super-packet; nil if it is none.
private func segments(_ bytes: [UInt8], _ header: VirtioHeader) throws -> [[UInt8]]? {
    var bytes = bytes
    return try bytes.asPacket { packet in
        guard var whole = SuperPacket(packet, header) else { return nil }
        var result: [[UInt8]] = []
        let expected = whole.count
        while !whole.isDone {
            result.append(
                [UInt8](unsafeUninitializedCapacity: whole.largest) { buffer, count in count = whole.writeNext(to: buffer.baseAddress!) })
        }
        #expect(result.count == expected)
        return result
    }
}

struct `A super-packet` {
    @Test(arguments: [true, false])
    func `of TCP is cut into segments with their own numbers, lengths, flags and checksums`(isV4: Bool) throws {
        let payload = (0..<2500).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        // CWR, PSH and FIN.
        let whole = try transport(6, isV4: isV4, payload: payload, sequence: 0xFFFF_FF00, flags: 0x99, options: [1, 1, 1, 0])
        let start = isV4 ? 20 : 40
        let cut = try #require(try segments(whole, header(isV4 ? .tcp4 : .tcp6, segment: 1000, start: UInt16(start))))
        #expect(cut.map { $0.count - start - 24 } == [1000, 1000, 500])
        #expect(cut.flatMap { $0[(start + 24)...] } == payload)
        #expect(cut.allSatisfy { isIntact($0, 6) })
        #expect(cut.map { $0[start + 13] } == [0x90, 0x10, 0x19])
        #expect(cut.map { Array($0[start + 4..<start + 8]) } == [[255, 255, 255, 0], [0, 0, 2, 0xE8], [0, 0, 6, 0xD0]])
        if isV4 {
            #expect(cut.map { Array($0[4..<6]) } == [[0xAB, 0xCD], [0xAB, 0xCE], [0xAB, 0xCF]])
            #expect(cut.map { Int($0[2]) << 8 | Int($0[3]) } == cut.map(\.count))
        }
    }

    @Test(arguments: [true, false])
    func `of UDP is cut into datagrams`(isV4: Bool) throws {
        let payload = (0..<1001).map { UInt8(truncatingIfNeeded: $0 &* 5) }
        let start = isV4 ? 20 : 40
        let cut = try #require(
            try segments(try transport(17, isV4: isV4, payload: payload), header(.udp, segment: 500, start: UInt16(start))))
        #expect(cut.map { $0.count - start - 8 } == [500, 500, 1])
        #expect(cut.map { Int($0[start + 4]) << 8 | Int($0[start + 5]) } == [508, 508, 9])
        #expect(cut.flatMap { $0[(start + 8)...] } == payload)
        #expect(cut.allSatisfy { isIntact($0, 17) })
    }

    @Test func `is none if its header does not fit it`() throws {
        let whole = try transport(6, isV4: true, payload: [UInt8](repeating: 1, count: 100))
        #expect(try segments(whole, header(.tcp4, segment: 50, start: 20)) != nil)
        for wrong in [
            header(.tcp4, segment: 0, start: 20), header(.tcp4, segment: 50, start: 19), header(.tcp4, segment: 50, start: 130),
            header(.tcp6, segment: 50, start: 20), header(.none, segment: 50, start: 20), header(.udp, segment: 50, start: 132),
            header(.udp, segment: 50, start: 65_535),
        ] { #expect(try segments(whole, wrong) == nil, "\(wrong)") }
        // Its data offset points behind its end.
        var long = try transport(6, isV4: true, payload: [1, 2, 3, 4])
        long[32] = 0xF0
        #expect(try segments(long, header(.tcp4, segment: 2, start: 20)) == nil)
        // A fragment.
        var fragment = whole
        fragment[6] = 0x20
        #expect(try segments(fragment, header(.tcp4, segment: 50, start: 20)) == nil)
    }

    @Test func `of any bytes is cut within its bounds, or not at all`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 40...400, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let isV4 = Bool.random(using: &random)
            bytes[0] = isV4 ? 0x45 : 0x60
            let byteCount = isV4 ? bytes.count : bytes.count - 40
            (bytes[isV4 ? 2 : 4], bytes[isV4 ? 3 : 5]) = (UInt8(byteCount >> 8), UInt8(byteCount & 255))
            if Bool.random(using: &random) { (bytes[6], bytes[7]) = (0, 0) }
            let raw = (0..<VirtioHeader.byteCount).map { place in
                place == 1 ? [0, 1, 4, 5][Int.random(in: 0..<4, using: &random)] : place % 2 == 1 ? 0 : UInt8.random(in: 0...255, using: &random)
            }
            guard let header = raw.withUnsafeBytes({ VirtioHeader(at: $0.baseAddress!) }) else { continue }
            let cut = try segments(bytes, header)
            #expect(cut.map { $0.allSatisfy { $0.count <= bytes.count } } ?? true, "seed \(seed)")
            try bytes.asPacket { _ = $0.completeChecksum(header) }
        }
    }
}

struct `A header of a TUN device` {
    @Test func `is written as it is read`() throws {
        let bytes = hex("01 04 3c00 a005 2800 1000")
        let header = try #require(bytes.withUnsafeBytes { VirtioHeader(at: $0.baseAddress!) })
        #expect(header.segmentation == .tcp6 && header.needsChecksum)
        #expect([header.headerByteCount, header.segmentByteCount, header.checksumStart, header.checksumOffset] == [60, 1440, 40, 16])
        var written = [UInt8](repeating: 0xFF, count: VirtioHeader.byteCount)
        written.withUnsafeMutableBytes { header.write(to: $0.baseAddress!) }
        #expect(written == bytes)
        // With the mark for ECN it is the same kind. A kind that nobody asked for is none.
        #expect(hex("01 84 3c00 a005 2800 1000").withUnsafeBytes { VirtioHeader(at: $0.baseAddress!) } == header)
        #expect(hex("01 03 3c00 a005 2800 1000").withUnsafeBytes { VirtioHeader(at: $0.baseAddress!) } == nil)
    }

    @Test(arguments: [6, 17] as [UInt8])
    func `tells where the checksum is to be completed`(number: UInt8) throws {
        let complete = try transport(number, isV4: true, payload: Array("hello".utf8))
        let field = 20 + (number == 6 ? 16 : 6)
        var partial = complete
        let pseudo = ~naiveChecksum(pseudoHeader(of: complete, number))
        (partial[field], partial[field + 1]) = (UInt8(pseudo >> 8), UInt8(pseudo & 255))
        let wanted = header(number == 6 ? .tcp4 : .udp, segment: 0, start: 20)
        try partial.asPacket { #expect($0.completeChecksum(wanted)) }
        #expect(partial == complete)
        // Outside the packet.
        var outside = wanted
        outside.checksumStart = UInt16(complete.count - 1)
        try partial.asPacket { #expect(!$0.completeChecksum(outside)) }
        #expect(partial == complete)
    }
}

struct `Packets of one flow` {
    /// Whether `second` continues a super-packet that begins with `first`.
    private func continues(_ first: [UInt8], _ second: [UInt8]) throws -> Bool {
        var (first, second) = (first, second)
        return try first.asPacket { a in
            try second.asPacket { b in
                guard let a = MergeablePacket(a), let b = MergeablePacket(b), a.carriesData, b.carriesData else { return false }
                #expect(a.flow == b.flow || !b.continues(a, sequence: a.isTCP ? a.nextSequence : 0))
                return b.continues(a, sequence: a.isTCP ? a.nextSequence : 0)
            }
        }
    }

    @Test(arguments: [true, false])
    func `continue each other only with consecutive data and equal headers`(isV4: Bool) throws {
        let data = [UInt8](repeating: 3, count: 100)
        let options: [UInt8] = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]
        let first = try transport(6, isV4: isV4, payload: data, sequence: 1000, options: options)
        func next(
            sequence: UInt32 = 1100, flags: UInt8 = 0x10, options: [UInt8]? = nil, _ change: (inout [UInt8]) -> Void = { _ in }
        ) throws -> [UInt8] {
            var packet = try transport(
                6, isV4: isV4, payload: data, sequence: sequence, flags: flags, options: options ?? [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2])
            change(&packet)
            return packet
        }
        let start = isV4 ? 20 : 40
        #expect(try continues(first, next()))
        #expect(try continues(first, next(flags: 0x18)))
        #expect(try !continues(first, next(sequence: 1101)))
        #expect(try !continues(first, next(sequence: 1000)))
        for flags: UInt8 in [0x11, 0x12, 0x14, 0x30, 0x50, 0x90, 0x00] { #expect(try !continues(first, next(flags: flags)), "\(flags)") }
        #expect(try !continues(first, next(options: [1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 2])))
        #expect(try !continues(first, next(options: [])))
        // Port, acknowledgement, window, hop limit, and traffic class.
        for place in [start + 1, start + 11, start + 15, isV4 ? 8 : 7, 1] {
            #expect(try !continues(first, next { $0[place] ^= 0x10 }), "\(place)")
        }
        // The identification does not matter.
        if isV4 { #expect(try continues(first, next { $0[5] ^= 1 })) }
    }

    @Test func `are mergeable only if they are whole and simple`() throws {
        let plain = try transport(6, isV4: true, payload: [1, 2, 3])
        func isMergeable(_ change: (inout [UInt8]) -> Void) throws -> Bool {
            var packet = plain
            change(&packet)
            return try packet.asPacket { MergeablePacket($0) != nil }
        }
        #expect(try isMergeable { _ in })
        #expect(try !isMergeable { $0[6] = 0x20 })
        #expect(try !isMergeable { $0[7] = 1 })
        #expect(try !isMergeable { $0[9] = 1 })
        #expect(try !isMergeable { $0[32] = 0x40 })
        #expect(try !isMergeable { $0[32] = 0xF0 })
        #expect(try !isMergeable { $0[0] = 0x46 })
        var udp = try transport(17, isV4: true, payload: [1, 2, 3])
        #expect(try udp.asPacket { MergeablePacket($0)?.hasValidChecksum } == true)
        udp[28] ^= 1
        #expect(try udp.asPacket { MergeablePacket($0)?.hasValidChecksum } == false)
        udp[25] += 1
        #expect(try udp.asPacket { MergeablePacket($0) == nil })
    }

    @Test(arguments: [(6, true), (6, false), (17, true), (17, false)] as [(UInt8, Bool)])
    func `become a super-packet that is cut into them again`(number: UInt8, isV4: Bool) throws {
        let lengths = [300, 300, 300, 120]
        var (sequence, packets) = (UInt32(77), [[UInt8]]())
        for (index, length) in lengths.enumerated() {
            let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ index) }
            packets.append(
                try transport(number, isV4: isV4, payload: payload, sequence: sequence, flags: index == 3 && number == 6 ? 0x18 : 0x10))
            sequence += UInt32(length)
        }
        if isV4 { for index in packets.indices { setIdentification(0xABCD + UInt16(index), of: &packets[index]) } }
        let start = isV4 ? 20 : 40
        let headers = start + (number == 6 ? 20 : 8)
        var whole = packets[0] + packets[1...].flatMap { $0[headers...] }
        let header = try packets[0].asPacket { first in
            let mergeable = try #require(MergeablePacket(first))
            let header = mergeable.becomeSuperPacket(payload: 1020, segment: 300, isPushed: number == 6)
            whole.replaceSubrange(0..<headers, with: UnsafeRawBufferPointer(start: first.base, count: headers))
            return header
        }
        #expect(header.needsChecksum && header.headerByteCount == headers && header.segmentByteCount == 300)
        packets[0] = try #require(try segments(whole, header)?.first)
        #expect(try segments(whole, header) == packets)
        #expect(packets.allSatisfy { isIntact($0, number) })
        // The kernel expects the sum of the pseudo header where the checksum will be.
        let field = start + (number == 6 ? 16 : 6)
        #expect(UInt16(whole[field]) << 8 | UInt16(whole[field + 1]) == ~naiveChecksum(pseudoHeader(of: whole, number)))
    }

    private func setIdentification(_ value: UInt16, of packet: inout [UInt8]) {
        (packet[4], packet[5], packet[10], packet[11]) = (UInt8(value >> 8), UInt8(value & 255), 0, 0)
        let checksum = naiveChecksum(packet[..<20])
        (packet[10], packet[11]) = (UInt8(checksum >> 8), UInt8(checksum & 255))
    }
}
