// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension ICMP {
    /// Whether an error may be sent about this packet at all (RFC 1812 4.3.2.7, RFC 4443 2.4 e; H-9): never about ICMP errors and
    /// redirects, later fragments, or addresses that are not one host's.
    public static func mayAnswer(_ packet: IPPacket) -> Bool {
        guard isOneHost(packet.source), isOneHost(packet.destination), let payload = Payload(of: packet) else { return false }
        guard payload.offset < packet.byteCount else { return true }
        let type = packet.base.uint8(at: payload.offset)
        switch (packet.isV4, payload.transport) {
        case (true, 1): return [0, 8, 9, 10, 13, 14, 15, 16, 17, 18].contains(type)
        case (false, 58): return type >= 128 && type != 137
        default: return true
        }
    }

    /// Whether the address can be that of one machine somewhere else.
    private static func isOneHost(_ address: IPAddress) -> Bool {
        !address.isUnspecified && !address.isLoopback && !address.isMulticast && address != .v4(IPv4Address(bits: ~0))
    }

    /// Where the transport header begins and which it is, behind the options of IPv4 or the extension headers of IPv6 (RFC 8200 4).
    private struct Payload {
        var offset: Int
        var transport: UInt8

        /// Nil for every fragment but the first, and for an IPv4 header that is longer than its packet.
        init?(of packet: IPPacket) {
            guard packet.isFirstFragment, let header = packet.headerByteCount else { return nil }
            (offset, transport) = (header, packet.nextProtocol)
            guard !packet.isV4 else { return }
            while offset + 8 <= packet.byteCount {
                switch transport {
                case 0, 43, 60:  // Hop-by-hop options, routing, destination options.
                    transport = packet.base.uint8(at: offset)
                    offset += 8 * (Int(packet.base.uint8(at: offset + 1)) + 1)
                case 44:  // Fragment.
                    guard packet.base.uint16BE(at: offset + 2) & 0xFFF8 == 0 else { return nil }
                    transport = packet.base.uint8(at: offset)
                    offset += 8
                default:
                    return
                }
            }
        }
    }
}
