// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The hub's ICMP and ICMPv6 messages: echo replies for its own address, and the errors that a router sends (RFC 792, RFC 4443; WG-H-3 to
/// WG-H-13). Has no state; packets are written into the caller's memory.
public enum ICMP {
    /// The errors that a hub sends: those of the kernel's WireGuard and IP forwarding, and those of a host about packets to itself.
    public enum Failure: Equatable, Sendable {
        /// No member owns the destination, or its owner has no known endpoint (WG-H-4, WG-H-5).
        case unreachable
        /// The access rules refuse the packet (Documentation/contract.md section 1).
        case prohibited
        /// The TTL or hop limit reached zero (WG-H-3).
        case hopLimitExceeded
        /// The packet is larger than the next hop's `mtu` and must not be fragmented (WG-H-13).
        case tooBig(mtu: Int)
        /// Nothing listens on this port of the hub (RFC 1122 4.1.3.1, RFC 4443 3.1).
        case portUnreachable
        /// The hub does not know this transport protocol (RFC 1122 3.2.2.1). In an IPv6 packet, `namedAt` is the offset of its number (RFC
        /// 4443 3.4).
        case protocolUnreachable(namedAt: Int)

        var typeAndCode4: (UInt8, UInt8) {
            switch self {
            case .unreachable: (3, 1)
            case .prohibited: (3, 13)
            case .hopLimitExceeded: (11, 0)
            case .tooBig: (3, 4)
            case .portUnreachable: (3, 3)
            case .protocolUnreachable: (3, 2)
            }
        }

        var typeAndCode6: (UInt8, UInt8) {
            switch self {
            case .unreachable: (1, 3)
            case .prohibited: (1, 1)
            case .hopLimitExceeded: (3, 0)
            case .tooBig: (2, 0)
            case .portUnreachable: (1, 4)
            case .protocolUnreachable: (4, 1)
            }
        }
    }

    /// The maximum length of an error in bytes, headers included (WG-H-9).
    public static let largestError4 = 576
    public static let largestError6 = 1280

    /// Turns an echo request into its reply, in place, without the extension headers of an IPv6 request. Returns nil and changes nothing for
    /// any other packet.
    public static func answerEcho(_ packet: IPPacket) -> IPPacket? {
        let base = packet.base
        let (number, requestType, replyType): (UInt8, UInt8, UInt8) = packet.isV4 ? (1, 8, 0) : (58, 128, 129)
        guard packet.isFirstFragment, !packet.isV4 || base.uint16BE(at: 6) & 0x2000 == 0, let header = packet.headerByteCount,
            let start = packet.isV4 ? (packet.nextProtocol == number ? header : nil) : packet.startBehindOptions(of: number),
            packet.byteCount >= start + 8, base.uint8(at: start) == requestType, base.uint8(at: start + 1) == 0
        else { return nil }
        if !packet.isV4, start > header {
            // The checksum covers neither these headers nor the length of the packet.
            (base + header).copyMemory(from: base + start, byteCount: packet.byteCount - start)
            base.storeBE(UInt16(packet.byteCount - start), at: 4)
            base.store8(number, at: 6)
        }
        swapAddresses(of: packet)
        base.store8(replyType, at: header)
        base.storeBE(
            Checksum.updated(base.uint16BE(at: header + 2), from: UInt16(requestType) << 8, to: UInt16(replyType) << 8), at: header + 2)
        if packet.isV4 {
            let old = base.uint16BE(at: 8)
            base.storeBE(64 << 8 | old & 0xFF, at: 8)
            base.storeBE(Checksum.updated(base.uint16BE(at: 10), from: old, to: 64 << 8 | old & 0xFF), at: 10)
        } else {
            base.store8(64, at: 7)
        }
        return try? IPPacket(at: base, available: packet.byteCount)
    }

    /// Writes an error about `packet` to `buffer`, which must have room for `largestError6` bytes. Returns the number of bytes written.
    /// The source is `hub` when it has the packet's family, else the packet's destination: the sender's allowed IPs always cover that
    /// address (WG-H-11).
    public static func writeError(_ failure: Failure, about packet: IPPacket, from hub: IPAddress?, to buffer: UnsafeMutableRawPointer) -> Int {
        let source = hub.flatMap { $0.isV4 == packet.isV4 ? $0 : nil } ?? packet.destination
        return switch (source, packet.source) {
        case (.v4(let from), .v4(let to)): writeError4(failure, about: packet, from: from, to: to, buffer)
        case (.v6(let from), .v6(let to)): writeError6(failure, about: packet, from: from, to: to, buffer)
        default: 0
        }
    }

    private static func writeError4(
        _ failure: Failure, about packet: IPPacket, from: IPv4Address, to: IPv4Address, _ out: UnsafeMutableRawPointer
    ) -> Int {
        let quoted = min(packet.byteCount, largestError4 - 28)
        writeHeader4(8 + quoted, from: from, to: to, typeOfService: 0xC0, out)
        let (type, code) = failure.typeAndCode4
        out.storeBE(UInt16(type) << 8 | UInt16(code), at: 20)
        out.storeBE(0 as UInt16, at: 22)
        if case .tooBig(let mtu) = failure {
            out.storeBE(UInt32(UInt16(clamping: mtu)), at: 24)
        } else {
            out.storeBE(0 as UInt32, at: 24)
        }
        (out + 28).copyMemory(from: packet.base, byteCount: quoted)
        seal4(8 + quoted, out)
        return 28 + quoted
    }

    private static func writeError6(
        _ failure: Failure, about packet: IPPacket, from: IPv6Address, to: IPv6Address, _ out: UnsafeMutableRawPointer
    ) -> Int {
        let quoted = min(packet.byteCount, largestError6 - 48)
        let payload = 8 + quoted
        writeHeader6(payload, from: from, to: to, out)
        let (type, code) = failure.typeAndCode6
        out.storeBE(UInt16(type) << 8 | UInt16(code), at: 40)
        out.storeBE(0 as UInt16, at: 42)
        switch failure {
        case .tooBig(let mtu): out.storeBE(UInt32(clamping: max(mtu, 1280)), at: 44)
        case .protocolUnreachable(let offset): out.storeBE(UInt32(clamping: offset), at: 44)
        default: out.storeBE(0 as UInt32, at: 44)
        }
        (out + 48).copyMemory(from: packet.base, byteCount: quoted)
        seal6(payload, out)
        return 40 + payload
    }

    private static func swapAddresses(of packet: IPPacket) {
        let (source, destination) = (packet.source, packet.destination)
        write(destination, at: packet.isV4 ? 12 : 8, of: packet.base)
        write(source, at: packet.isV4 ? 16 : 24, of: packet.base)
    }

    private static func write(_ address: IPAddress, at offset: Int, of base: UnsafeMutableRawPointer) {
        switch address {
        case .v4(let a): base.storeBE(a.bits, at: offset)
        case .v6(let a):
            base.storeBE(a.high, at: offset)
            base.storeBE(a.low, at: offset + 8)
        }
    }
}
