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
    private static func isOneHost(_ address: IPAddress) -> Bool {
        !address.isUnspecified && !address.isLoopback && !address.isMulticast && address != .v4(IPv4Address(bits: ~0))
    }
}
