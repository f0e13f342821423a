// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `A UDP datagram` {
    /// From port 12345 to 53, with five bytes.
    private let header = hex("3039 0035 000d 0000")
    private let content = Array("hello".utf8)

    private func read(_ packet: [UInt8]) throws -> UDPDatagram? {
        var packet = packet
        return try packet.asPacket { UDPDatagram($0) }
    }

    @Test func `is found behind the headers of both families`() throws {
        let v4 = try #require(try read(packet4(payload: header + content)))
        #expect(v4.sourcePort == 12345 && v4.destinationPort == 53 && v4.contentOffset == 28 && v4.contentByteCount == 5)
        let v6 = try #require(try read(packet6(payload: header + content)))
        #expect(v6.contentOffset == 48 && v6.contentByteCount == 5)
        // Behind destination options.
        #expect(try read(packet6(transport: 60, payload: hex("11 00 0104 00000000") + header + content))?.contentOffset == 56)
        // What follows it does not count.
        #expect(try read(packet4(payload: header + content + [1, 2, 3]))?.contentByteCount == 5)
    }

    @Test func `is none if it is not whole, a fragment, of another protocol or of nobody`() throws {
        #expect(try read(packet4(payload: header + content.dropLast())) == nil)
        #expect(try read(packet4(payload: Array(header.dropLast()))) == nil)
        #expect(try read(packet4(payload: hex("3039 0035 0007 0000") + content)) == nil)
        #expect(try read(packet4(payload: hex("0000 0035 000d 0000") + content)) == nil)
        #expect(try read(packet4(transport: 6, payload: header + content)) == nil)
        #expect(try read(packet4(flags: 0x2000, payload: header + content)) == nil)
        #expect(try read(packet4(from: "224.0.0.1", payload: header + content)) == nil)
    }

    @Test(arguments: [("10.3.2.1", "10.3.2.2"), ("fd00::1", "fd00::2")])
    func `is written with its headers and checksum, and read again`(from: String, to: String) throws {
        let (source, destination) = (address(from), address(to))
        let headers = UDPDatagram.headersByteCount(isV4: source.isV4)
        var packet = [UInt8](repeating: 0xAA, count: headers) + content
        let byteCount = packet.withUnsafeMutableBytes {
            UDPDatagram.writeHeaders(content.count, from: source, port: 53, to: destination, port: 4000, $0.baseAddress!)
        }
        #expect(byteCount == packet.count)
        let read = try #require(try read(packet))
        #expect(read.sourcePort == 53 && read.destinationPort == 4000 && read.contentByteCount == 5)
        let start = source.isV4 ? 12 : 8
        let pseudo = Array(packet[start..<headers - 8]) + [0, 17, 0, UInt8(8 + content.count)]
        #expect(naiveChecksum(pseudo + packet[(headers - 8)...]) == 0)
    }

    @Test func `is not written between families`() {
        var packet = [UInt8](repeating: 0, count: 64)
        let byteCount = packet.withUnsafeMutableBytes {
            UDPDatagram.writeHeaders(0, from: address("10.3.2.1"), port: 53, to: address("fd00::2"), port: 53, $0.baseAddress!)
        }
        #expect(byteCount == 0)
    }
}
