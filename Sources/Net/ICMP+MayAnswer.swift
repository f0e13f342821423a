// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension ICMP {
    /// Whether an ICMP error may be sent about this packet. None is sent about ICMP errors, redirects, later fragments, or addresses
    /// that do not name a single host (RFC 1812 4.3.2.7, RFC 4443 2.4 e; WG-H-9).
    public static func mayAnswer(_ packet: IPPacket) -> Bool {
        guard isOneHost(packet.source), isOneHost(packet.destination), let header = TransportHeader(of: packet) else { return false }
        guard header.offset < packet.byteCount else { return true }
        let type = packet.base.uint8(at: header.offset)
        switch (packet.isV4, header.number) {
        case (true, 1): return [0, 8, 9, 10, 13, 14, 15, 16, 17, 18].contains(type)
        case (false, 58): return type >= 128 && type != 137
        default: return true
        }
    }

    /// Whether the address can belong to a single remote machine.
    static func isOneHost(_ address: IPAddress) -> Bool {
        !address.isUnspecified && !address.isLoopback && !address.isMulticast && address != .v4(IPv4Address(bits: ~0))
    }
}

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
