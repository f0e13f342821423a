// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What a packet says about its flow: what `RuleSet` and the engine's table of flows ask for. Never reads outside the packet.
///
/// A flow is what two addresses exchange under one protocol, with one port on each side where the protocol has ports. For a ping, the
/// identifier stands for both ports.
public struct FlowPacket: Sendable {
    public enum Kind: Sendable {
        /// Part of a flow: TCP, UDP, a ping, or a protocol without ports.
        case flow
        /// ICMP that belongs to no flow, such as a redirect.
        case single
        /// An ICMP error about a packet of a flow; `quoted` reads it.
        case error
        /// A fragment after the first one. It has the first one's `identification`.
        case laterFragment
        /// The transport header is missing, cut off, or written so that fragments could change it (RFC 1858, RFC 3128).
        case malformed
    }

    /// What rules can do with it.
    public private(set) var kind: Kind
    /// True for IPv4, false for IPv6.
    public let isV4: Bool
    /// The addresses as numbers; IPv4 addresses are below 2^32.
    public let source: UInt128
    public let destination: UInt128
    /// The transport protocol (IANA). Of a later fragment in IPv6 this is 0, because only the first one names it (RFC 8200 4.5).
    public private(set) var number: UInt8
    /// The ports of TCP and UDP. Both are the identifier of a ping, and 0 for other protocols.
    public private(set) var sourcePort: UInt16 = 0
    public private(set) var destinationPort: UInt16 = 0
    /// True for the first packet that the sender of a flow sends: a SYN without ACK, or an echo request.
    public private(set) var opens = false
    /// True for a TCP segment with FIN, and for one with RST.
    public private(set) var finishes = false
    public private(set) var resets = false
    /// What the fragments of one packet have in common, if this is one of them; else 0.
    public private(set) var identification: UInt32 = 0
    /// True for the first fragment of several.
    public private(set) var hasMoreFragments = false

    /// The packet as `RuleSet.decide` wants it.
    public var forRules: RuleSet.Packet {
        RuleSet.Packet(
            source: address(source), destination: address(destination), number: number,
            port: number == 6 || number == 17 ? destinationPort : 0)
    }

    /// The first packet of the same flow in the other direction.
    public var reversed: RuleSet.Packet {
        RuleSet.Packet(
            source: address(destination), destination: address(source), number: number,
            port: number == 6 || number == 17 ? sourcePort : 0)
    }

    private func address(_ bits: UInt128) -> IPAddress {
        isV4
            ? .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: bits)))
            : .v6(IPv6Address(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits)))
    }

    /// Reads a packet whose lengths were checked.
    public init(_ packet: IPPacket) {
        let base = UnsafeRawPointer(packet.base)
        isV4 = packet.isV4
        if isV4 {
            source = UInt128(base.uint32BE(at: 12))
            destination = UInt128(base.uint32BE(at: 16))
        } else {
            source = UInt128(base.uint64BE(at: 8)) << 64 | UInt128(base.uint64BE(at: 16))
            destination = UInt128(base.uint64BE(at: 24)) << 64 | UInt128(base.uint64BE(at: 32))
        }
        number = packet.nextProtocol
        kind = .flow
        if Self.mayBeFragment(packet), let fragment = packet.fragment {
            identification = fragment.identification
            guard fragment.offset == 0 else {
                // Eight bytes on are the flags of TCP, which the first fragment must have shown.
                kind = fragment.number == 6 && fragment.offset < 20 ? .malformed : .laterFragment
                number = isV4 ? fragment.number : 0
                return
            }
            hasMoreFragments = fragment.hasMore
        }
        guard let header = TransportHeader(of: packet) else {
            kind = .malformed
            return
        }
        number = header.number
        read(base + header.offset, byteCount: packet.byteCount - header.offset, least: 20)
    }

    /// Reads the packet that an ICMP error quotes; nil if this is no error, or if the quotation is too short to name its flow.
    public static func quoted(in packet: IPPacket) -> FlowPacket? {
        guard let header = TransportHeader(of: packet) else { return nil }
        let start = header.offset + 8
        guard start < packet.byteCount, let inner = IPPacket(quotedAt: packet.base + start, byteCount: packet.byteCount - start),
            inner.isV4 == packet.isV4, let transport = TransportHeader(of: inner)
        else { return nil }
        var read = FlowPacket(inner, number: transport.number)
        read.read(UnsafeRawPointer(inner.base) + transport.offset, byteCount: inner.byteCount - transport.offset, least: 4)
        return read.kind == .flow ? read : nil
    }

    private init(_ packet: IPPacket, number: UInt8) {
        let base = UnsafeRawPointer(packet.base)
        isV4 = packet.isV4
        source = isV4 ? UInt128(base.uint32BE(at: 12)) : UInt128(base.uint64BE(at: 8)) << 64 | UInt128(base.uint64BE(at: 16))
        destination = isV4 ? UInt128(base.uint32BE(at: 16)) : UInt128(base.uint64BE(at: 24)) << 64 | UInt128(base.uint64BE(at: 32))
        self.number = number
        kind = .flow
    }

    private static func mayBeFragment(_ packet: IPPacket) -> Bool {
        guard !packet.isV4 else { return packet.base.uint16BE(at: 6) & 0x3FFF != 0 }
        return switch packet.nextProtocol {
        case 0, 43, 44, 60: true
        default: false
        }
    }

    /// Reads the transport header. `least` is how many bytes TCP must have: its whole header in a packet, its ports in a quotation.
    private mutating func read(_ header: UnsafeRawPointer, byteCount: Int, least: Int) {
        switch number {
        case 6:
            guard byteCount >= least else { return kind = .malformed }
            readPorts(header)
            guard byteCount >= 20 else { return }
            let flags = header.uint8(at: 13)
            (finishes, resets, opens) = (flags & 1 != 0, flags & 4 != 0, flags & 0x12 == 2)
        case 17:
            guard byteCount >= min(least, 8) else { return kind = .malformed }
            readPorts(header)
        case 1 where isV4, 58 where !isV4:
            guard byteCount >= 8 else { return kind = .malformed }
            readICMP(header)
        // Headers that should have been followed by another one.
        case 0 where !isV4, 43 where !isV4, 44 where !isV4, 60 where !isV4: kind = .malformed
        default: break
        }
    }

    private mutating func readPorts(_ header: UnsafeRawPointer) {
        (sourcePort, destinationPort) = (header.uint16BE(at: 0), header.uint16BE(at: 2))
    }

    private mutating func readICMP(_ header: UnsafeRawPointer) {
        switch (isV4, header.uint8(at: 0)) {
        case (true, 8), (false, 128): opens = true
        case (true, 0), (false, 129): break
        case (true, 3), (true, 4), (true, 11), (true, 12), (false, 1...4): return kind = .error
        default: return kind = .single
        }
        (sourcePort, destinationPort) = (header.uint16BE(at: 4), header.uint16BE(at: 4))
    }
}

extension IPPacket {
    /// A packet that an ICMP error quotes, of which only the first `byteCount` bytes are there. Nil if its fixed header is not.
    init?(quotedAt base: UnsafeMutableRawPointer, byteCount: Int) {
        guard byteCount > 0 else { return nil }
        switch base.uint8(at: 0) >> 4 {
        case 4 where byteCount >= 20, 6 where byteCount >= 40: break
        default: return nil
        }
        (self.base, self.byteCount) = (base, byteCount)
    }
}
