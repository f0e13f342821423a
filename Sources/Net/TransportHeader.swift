// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension IPPacket {
    /// The offset of the header `number` of an IPv6 packet, if nothing comes before it but options that a host may skip (RFC 8200 4.2 to 4.4,
    /// 4.6): hop-by-hop and destination options, and a routing header that is used up.
    func startBehindOptions(of number: UInt8) -> Int? {
        var (offset, next) = (40, nextProtocol)
        while next != number {
            guard offset + 8 <= byteCount else { return nil }
            let end = offset + 8 * (Int(base.uint8(at: offset + 1)) + 1)
            switch next {
            case 0 where offset == 40, 60: guard end <= byteCount, areSkippable(offset + 2, to: end) else { return nil }
            case 43: guard end <= byteCount, base.uint8(at: offset + 3) == 0 else { return nil }
            default: return nil
            }
            (next, offset) = (base.uint8(at: offset), end)
        }
        return offset
    }

    /// Whether options are well-formed, and each that we do not know may be skipped.
    private func areSkippable(_ start: Int, to end: Int) -> Bool {
        var option = start
        while option < end {
            let type = base.uint8(at: option)
            guard type & 0xC0 == 0 else { return false }
            guard type != 0 else {
                option += 1
                continue
            }
            guard option + 1 < end else { return false }
            option += 2 + Int(base.uint8(at: option + 1))
        }
        return option == end
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
