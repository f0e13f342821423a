// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A TCP or UDP packet that is larger than any link takes, as the kernel hands it over when segmentation is left to the hub (GSO, TSO). It is
/// cut in one pass: each segment gets a copy of the headers with its own length, sequence number and checksum.
public struct SuperPacket {
    private let packet: IPPacket
    private let transport: Int
    private let isTCP: Bool
    private let segmentByteCount: Int
    private var sent = 0
    private var number: UInt16 = 0

    /// The bytes before the payload of each segment.
    public let headerByteCount: Int

    /// Nil if the header does not fit the packet, or asks for no segmentation.
    public init?(_ packet: IPPacket, _ header: VirtioHeader) {
        let transport = Int(header.checksumStart)
        let headers: Int
        switch header.segmentation {
        case .tcp4, .tcp6:
            guard transport + 20 <= packet.byteCount else { return nil }
            let byteCount = Int(packet.base.uint8(at: transport + 12) >> 4) * 4
            guard byteCount >= 20, packet.isV4 == (header.segmentation == .tcp4) else { return nil }
            headers = transport + byteCount
            isTCP = true
        case .udp:
            headers = transport + 8
            isTCP = false
        case .none: return nil
        }
        guard let least = packet.headerByteCount, transport >= least, headers < packet.byteCount, header.segmentByteCount > 0 else { return nil }
        // A fragment has no transport header of its own.
        guard !packet.isV4 || packet.base.uint16BE(at: 6) & 0x3FFF == 0 else { return nil }
        self.packet = packet
        self.transport = transport
        headerByteCount = headers
        segmentByteCount = Int(header.segmentByteCount)
    }

    private var payloadByteCount: Int { packet.byteCount - headerByteCount }

    /// The number of segments.
    public var count: Int { (payloadByteCount + segmentByteCount - 1) / segmentByteCount }

    /// The length of the longest segment, headers included.
    public var largest: Int { headerByteCount + min(segmentByteCount, payloadByteCount) }

    /// True after the last segment.
    public var isDone: Bool { sent == payloadByteCount }

    /// Writes the next segment to memory with room for `largest` bytes. Returns its length.
    public mutating func writeNext(to out: UnsafeMutableRawPointer) -> Int {
        let payload = min(segmentByteCount, payloadByteCount - sent)
        let byteCount = headerByteCount + payload
        out.copyMemory(from: packet.base, byteCount: headerByteCount)
        (out + headerByteCount).copyMemory(from: packet.base + headerByteCount + sent, byteCount: payload)
        let isLast = sent + payload == payloadByteCount
        if packet.isV4 {
            out.storeBE(UInt16(byteCount), at: 2)
            out.storeBE(packet.base.uint16BE(at: 4) &+ number, at: 4)
            out.storeBE(0 as UInt16, at: 10)
            out.storeBE(Checksum.finish(Checksum.sum(out, byteCount: packet.headerByteCount ?? 20)), at: 10)
        } else {
            out.storeBE(UInt16(byteCount - 40), at: 4)
        }
        if isTCP { writeTCP(to: out, isLast: isLast) } else { out.storeBE(UInt16(byteCount - transport), at: transport + 4) }
        let field = transport + (isTCP ? 16 : 6)
        out.storeBE(0 as UInt16, at: field)
        let pseudo = packet.pseudoHeaderSum(transport: isTCP ? 6 : 17, byteCount: byteCount - transport)
        let checksum = Checksum.finish(Checksum.sum(out + transport, byteCount: byteCount - transport, initial: pseudo))
        out.storeBE(checksum == 0 && !isTCP ? 0xFFFF : checksum, at: field)
        sent += payload
        number &+= 1
        return byteCount
    }

    /// Only the last segment carries FIN and PSH, only the first one CWR (RFC 3168 6.1.2).
    private func writeTCP(to out: UnsafeMutableRawPointer, isLast: Bool) {
        out.storeBE(UnsafeRawPointer(packet.base).uint32BE(at: transport + 4) &+ UInt32(sent), at: transport + 4)
        var flags = out.uint8(at: transport + 13)
        if !isLast { flags &= ~0x09 }
        if sent > 0 { flags &= ~0x80 }
        out.store8(flags, at: transport + 13)
    }
}
