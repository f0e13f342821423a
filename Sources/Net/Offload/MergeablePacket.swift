// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A TCP or UDP packet as merging sees it (generic receive offload): which flow it belongs to, and whether it continues a super-packet.
///
/// Packets are merged only if cutting the result again gives the same packets: equal headers but for lengths, checksums, IPv4 identification and
/// TCP sequence numbers, which must be consecutive. The kernel believes the checksum of a super-packet, so that of each packet is verified
/// before (`hasValidChecksum`).
public struct MergeablePacket {
    public let packet: IPPacket
    /// A hash of addresses, ports and protocol.
    public let flow: UInt64
    /// Where the transport header begins.
    public let transport: Int
    public let headerByteCount: Int
    public let isTCP: Bool

    /// Nil unless it is a whole TCP or UDP packet without IPv4 options or IPv6 extension headers.
    public init?(_ packet: IPPacket) {
        let bytes = UnsafeRawPointer(packet.base)
        if packet.isV4 {
            guard bytes.uint8(at: 0) == 0x45, bytes.uint16BE(at: 6) & 0x3FFF == 0 else { return nil }
            transport = 20
        } else {
            transport = 40
        }
        switch packet.nextProtocol {
        case 6:
            guard transport + 20 <= packet.byteCount else { return nil }
            let byteCount = Int(bytes.uint8(at: transport + 12) >> 4) * 4
            guard byteCount >= 20, transport + byteCount <= packet.byteCount else { return nil }
            headerByteCount = transport + byteCount
            isTCP = true
        case 17:
            guard transport + 8 <= packet.byteCount, Int(bytes.uint16BE(at: transport + 4)) == packet.byteCount - transport else { return nil }
            headerByteCount = transport + 8
            isTCP = false
        default: return nil
        }
        self.packet = packet
        flow = Self.hash(bytes, from: packet.isV4 ? 12 : 8, to: transport + 4)
    }

    /// The bytes after its headers.
    public var payloadByteCount: Int { packet.byteCount - headerByteCount }

    /// The number of the next byte of its connection.
    public var nextSequence: UInt32 { sequence &+ UInt32(payloadByteCount) }

    private var sequence: UInt32 { UnsafeRawPointer(packet.base).uint32BE(at: transport + 4) }
    private var flags: UInt8 { packet.base.uint8(at: transport + 13) }

    /// Whether it asks the receiver to hand data on at once, which ends a super-packet.
    public var isPushed: Bool { isTCP && flags & 0x08 != 0 }

    /// Whether it may begin or continue a super-packet: it has data, and if TCP no flag but ACK and PSH.
    public var carriesData: Bool {
        payloadByteCount > 0 && (isTCP ? flags & ~0x08 == 0x10 : packet.base.uint16BE(at: transport + 6) != 0)
    }

    /// Whether its transport checksum is right.
    public var hasValidChecksum: Bool {
        let byteCount = packet.byteCount - transport
        let pseudo = packet.pseudoHeaderSum(transport: isTCP ? 6 : 17, byteCount: byteCount)
        return Checksum.finish(Checksum.sum(packet.base + transport, byteCount: byteCount, initial: pseudo)) == 0
    }

    /// Whether it has the headers of `first`, the first packet of a super-packet whose next byte is number `sequence`.
    public func continues(_ first: MergeablePacket, sequence: UInt32) -> Bool {
        guard isTCP == first.isTCP, packet.isV4 == first.packet.isV4, headerByteCount == first.headerByteCount else { return false }
        let (a, b) = (UnsafeRawPointer(packet.base), UnsafeRawPointer(first.packet.base))
        // IPv4: all but length, identification and checksum. IPv6: all but the length.
        let isSame =
            packet.isV4
            ? a.uint16BE(at: 0) == b.uint16BE(at: 0) && a.uint32BE(at: 6) == b.uint32BE(at: 6) && a.uint64BE(at: 12) == b.uint64BE(at: 12)
            : a.uint32BE(at: 0) == b.uint32BE(at: 0) && a.uint16BE(at: 6) == b.uint16BE(at: 6) && Self.areEqual(a + 8, b + 8, byteCount: 32)
        guard isSame, a.uint32BE(at: transport) == b.uint32BE(at: transport) else { return false }
        guard isTCP else { return true }
        // Acknowledgement, header length, flags but PSH, window, urgent pointer and options.
        return self.sequence == sequence && a.uint32BE(at: transport + 8) == b.uint32BE(at: transport + 8)
            && a.uint32BE(at: transport + 12) & ~0x0008_0000 == b.uint32BE(at: transport + 12) & ~0x0008_0000
            && a.uint16BE(at: transport + 18) == b.uint16BE(at: transport + 18)
            && Self.areEqual(a + transport + 20, b + transport + 20, byteCount: headerByteCount - transport - 20)
    }

    /// Rewrites the headers of the first packet for a super-packet of `payload` bytes that is cut after each `segment` bytes. Returns the header
    /// that tells the kernel so.
    public func becomeSuperPacket(payload: Int, segment: Int, isPushed: Bool) -> VirtioHeader {
        let byteCount = headerByteCount + payload
        let base = packet.base
        let pseudo = packet.pseudoHeaderSum(transport: isTCP ? 6 : 17, byteCount: byteCount - transport)
        if transport == 20 {
            base.storeBE(UInt16(byteCount), at: 2)
            base.storeBE(0 as UInt16, at: 10)
            base.storeBE(Checksum.finish(Checksum.sum(base, byteCount: 20)), at: 10)
        } else {
            base.storeBE(UInt16(byteCount - 40), at: 4)
        }
        if isTCP {
            if isPushed { base.store8(flags | 0x08, at: transport + 13) }
        } else {
            base.storeBE(UInt16(byteCount - transport), at: transport + 4)
        }
        let offset = isTCP ? 16 : 6
        // The kernel adds the rest.
        base.storeBE(~Checksum.finish(pseudo), at: transport + offset)
        var header = VirtioHeader()
        header.needsChecksum = true
        header.segmentation = isTCP ? (transport == 20 ? .tcp4 : .tcp6) : .udp
        header.headerByteCount = UInt16(headerByteCount)
        header.segmentByteCount = UInt16(segment)
        header.checksumStart = UInt16(transport)
        header.checksumOffset = UInt16(offset)
        return header
    }

    /// Of addresses and ports, which follow each other.
    private static func hash(_ bytes: UnsafeRawPointer, from start: Int, to end: Int) -> UInt64 {
        var hash = UInt64(bytes.uint8(at: 0) >> 4)
        for offset in stride(from: start, to: end, by: 4) {
            hash = (hash ^ UInt64(bytes.uint32BE(at: offset))) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
        }
        return hash
    }

    private static func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, byteCount: Int) -> Bool {
        for offset in stride(from: 0, to: byteCount, by: 4) where a.uint32BE(at: offset) != b.uint32BE(at: offset) { return false }
        return true
    }
}
