// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What a fragment of an IP packet says about its place in the whole packet (RFC 791 3.1, RFC 8200 4.5).
public struct IPFragment: Equatable, Sendable {
    /// Identifies the fragments of one packet, together with the addresses and, for IPv4, the protocol.
    public var identification: UInt32
    /// Where its payload belongs, in bytes.
    public var offset: Int
    public var hasMore: Bool
    /// The bytes before the payload: all headers that each fragment repeats, and for IPv6 the fragment header.
    public var headerByteCount: Int
    /// The protocol of the payload; in IPv6, of its first header.
    public var number: UInt8
    /// The offset of the byte that names the protocol, or in IPv6 the fragment header.
    var namedAt: Int
}

extension IPPacket {
    /// Whether the packet is a fragment. An IPv6 packet with a fragment header counts as one, even if it is whole (RFC 6946).
    public var isFragment: Bool {
        isV4 ? base.uint16BE(at: 6) & 0x3FFF != 0 : fragment != nil
    }

    /// Its place in the whole packet; nil for a packet that is no fragment, or a malformed one.
    public var fragment: IPFragment? {
        guard isV4 else { return fragment6 }
        let field = base.uint16BE(at: 6)
        guard field & 0x3FFF != 0, let header = headerByteCount else { return nil }
        return IPFragment(
            identification: UInt32(base.uint16BE(at: 4)), offset: Int(field & 0x1FFF) * 8, hasMore: field & 0x2000 != 0,
            headerByteCount: header, number: nextProtocol, namedAt: 9)
    }

    private var fragment6: IPFragment? {
        var (offset, number, namedAt) = (40, nextProtocol, 6)
        while offset + 8 <= byteCount {
            switch number {
            case 0, 43, 60:  // Hop-by-hop options, routing, destination options.
                (number, namedAt) = (base.uint8(at: offset), offset)
                offset += 8 * (Int(base.uint8(at: offset + 1)) + 1)
            case 44:
                let field = base.uint16BE(at: offset + 2)
                return IPFragment(
                    identification: UnsafeRawPointer(base).uint32BE(at: offset + 4), offset: Int(field & 0xFFF8), hasMore: field & 1 != 0,
                    headerByteCount: offset + 8, number: base.uint8(at: offset), namedAt: namedAt)
            default: return nil
            }
        }
        return nil
    }
}
