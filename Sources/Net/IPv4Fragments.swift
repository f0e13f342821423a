// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Splits an IPv4 packet that is larger than the next hop's MTU into fragments, if that is allowed (RFC 791 3.2; WG-H-13).
/// Splits as the kernel does: each payload is a multiple of eight bytes, and all but the last are as long as fits. Options that must not be
/// copied become no-operations after the first fragment. Each fragment is written into the caller's memory.
public struct IPv4Fragments {
    private let packet: IPPacket
    private let headerByteCount: Int
    /// Payload bytes of each fragment except the last.
    private let pieceByteCount: Int
    /// Payload bytes written so far.
    private var written = 0

    /// Nil when the packet must not be fragmented, when its header is malformed, or when the MTU leaves no room for eight bytes of payload.
    public init?(of packet: IPPacket, mtu: Int) {
        guard packet.isV4, !packet.dontFragment, let header = packet.headerByteCount, header + 8 <= mtu else { return nil }
        self.packet = packet
        headerByteCount = header
        pieceByteCount = (mtu - header) & ~7
    }

    /// True when all fragments have been written.
    public var isDone: Bool { written == packet.byteCount - headerByteCount }

    /// Writes the next fragment to `buffer`, which must have room for the MTU. Returns its length in bytes.
    public mutating func writeNext(to buffer: UnsafeMutableRawPointer) -> Int {
        let payload = packet.byteCount - headerByteCount
        let piece = min(pieceByteCount, payload - written)
        buffer.copyMemory(from: packet.base, byteCount: headerByteCount)
        (buffer + headerByteCount).copyMemory(from: packet.base + headerByteCount + written, byteCount: piece)
        // The packet may itself be a fragment. 0x2000 is "more fragments"; the low bits are the offset in units of eight bytes.
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

    /// Replaces uncopied options with no-operations. Options whose first bit is set are copied to every fragment; the others belong only in
    /// the first.
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
