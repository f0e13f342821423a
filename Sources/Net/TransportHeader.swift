// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The transport protocol of a packet and the offset of its header, after IPv4 options or IPv6 extension headers (RFC 8200 4).
struct TransportHeader {
    /// Bytes from the start of the packet; equals the packet's length when nothing follows.
    var offset: Int
    /// The protocol number (IANA).
    var number: UInt8
    /// The offset of the byte that names it.
    private(set) var namedAt: Int

    /// Nil for every fragment except the first, and for an IPv4 header that is longer than its packet.
    init?(of packet: IPPacket) {
        guard packet.isFirstFragment, let header = packet.headerByteCount else { return nil }
        (offset, number, namedAt) = (header, packet.nextProtocol, packet.isV4 ? 9 : 6)
        guard !packet.isV4 else { return }
        while offset + 8 <= packet.byteCount {
            switch number {
            case 0, 43, 60:  // Hop-by-hop options, routing, destination options.
                (number, namedAt) = (packet.base.uint8(at: offset), offset)
                offset += 8 * (Int(packet.base.uint8(at: offset + 1)) + 1)
            case 44:  // Fragment.
                guard packet.base.uint16BE(at: offset + 2) & 0xFFF8 == 0 else { return nil }
                (number, namedAt) = (packet.base.uint8(at: offset), offset)
                offset += 8
            default:
                return
            }
        }
    }
}
