// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The fragments of an IPv4 packet that is larger than the MTU of the way on and may be fragmented (RFC 791 3.2; WG-H-13).
/// As the kernel cuts: payloads of a multiple of eight bytes, all but the last as long as fits; options that are not to be copied become
/// no-operations behind the first fragment. Written one by one into memory of the caller's.
public struct IPv4Fragments {
    private let packet: IPPacket
    private let headerByteCount: Int
    /// Payload of each fragment but the last.
    private let pieceByteCount: Int
    /// Payload that was written.
    private var written = 0

    /// Nil for a packet that may not be fragmented, whose header is broken, and where the MTU leaves no room for eight bytes behind the header.
    public init?(of packet: IPPacket, mtu: Int) {
        guard packet.isV4, !packet.dontFragment, let header = packet.headerByteCount, header + 8 <= mtu else { return nil }
        self.packet = packet
        headerByteCount = header
        pieceByteCount = (mtu - header) & ~7
    }

    /// Whether all have been written.
    public var isDone: Bool { written == packet.byteCount - headerByteCount }

    /// Writes the next fragment to `buffer`, which has room for the MTU; gives its length.
    public mutating func writeNext(to buffer: UnsafeMutableRawPointer) -> Int {
        let payload = packet.byteCount - headerByteCount
        let piece = min(pieceByteCount, payload - written)
        buffer.copyMemory(from: packet.base, byteCount: headerByteCount)
        (buffer + headerByteCount).copyMemory(from: packet.base + headerByteCount + written, byteCount: piece)
        // The packet may be a fragment itself: "more fragments" is 0x2000, the rest the offset in units of eight bytes.
        let field = packet.base.uint16BE(at: 6)
        let offset = field & 0x1FFF &+ UInt16(truncatingIfNeeded: written / 8)
        let isLast = written + piece == payload
        buffer.storeBE(field & 0x8000 | (isLast ? field & 0x2000 : 0x2000) | offset & 0x1FFF, at: 6)
        buffer.storeBE(UInt16(headerByteCount + piece), at: 2)
        if offset != 0 { Self.clearOptions(of: buffer, headerByteCount: headerByteCount) }
        buffer.storeBE(0 as UInt16, at: 10)
        buffer.storeBE(Checksum.finish(Checksum.sum(buffer, byteCount: headerByteCount)), at: 10)
        written += piece
        return headerByteCount + piece
    }

    /// An option whose first bit is set goes into every fragment, others into the first alone.
    private static func clearOptions(of header: UnsafeMutableRawPointer, headerByteCount: Int) {
        var option = 20
        while option < headerByteCount {
            switch header.uint8(at: option) {
            case 0: return
            case 1: option += 1
            case let kind:
                guard option + 1 < headerByteCount else { return }
                let byteCount = Int(header.uint8(at: option + 1))
                guard byteCount >= 2, option + byteCount <= headerByteCount else { return }
                if kind & 0x80 == 0 { (header + option).initializeMemory(as: UInt8.self, repeating: 1, count: byteCount) }
                option += byteCount
            }
        }
    }
}
