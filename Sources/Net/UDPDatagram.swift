// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A whole UDP datagram inside an IP packet (RFC 768): the ports, and where its content is.
public struct UDPDatagram: Equatable, Sendable {
    /// The length of the header in bytes.
    public static let headerByteCount = 8
    /// The headers in front of the content of a datagram without options, in bytes.
    public static func headersByteCount(isV4: Bool) -> Int { (isV4 ? ICMP.header4 : ICMP.header6) + headerByteCount }

    /// Never 0, because nothing could be sent back there.
    public let sourcePort: UInt16
    /// The port that it is for.
    public let destinationPort: UInt16
    /// The offset of the content in the packet, and its length.
    public let contentOffset: Int
    public let contentByteCount: Int

    /// Nil if the packet is something else, a fragment, not whole, or from no machine that could be answered.
    public init?(_ packet: IPPacket) {
        guard !packet.isFragment, ICMP.isOneHost(packet.source), let header = TransportHeader(of: packet), header.number == 17,
            header.offset + Self.headerByteCount <= packet.byteCount
        else { return nil }
        let base = UnsafeRawPointer(packet.base) + header.offset
        let length = Int(base.uint16BE(at: 4))
        guard length >= Self.headerByteCount, header.offset + length <= packet.byteCount, base.uint16BE(at: 0) != 0 else { return nil }
        (sourcePort, destinationPort) = (base.uint16BE(at: 0), base.uint16BE(at: 2))
        (contentOffset, contentByteCount) = (header.offset + Self.headerByteCount, length - Self.headerByteCount)
    }

    /// Writes the headers in front of a content of `byteCount` bytes, which is already at its place behind them, `headersByteCount` after
    /// `out`. Returns the length of the packet; 0 if the addresses are of different families.
    public static func writeHeaders(
        _ byteCount: Int, from source: IPAddress, port sourcePort: UInt16, to destination: IPAddress, port destinationPort: UInt16,
        _ out: UnsafeMutableRawPointer
    ) -> Int {
        let length = headerByteCount + byteCount
        let header: Int
        var sum = UInt64(length) &+ 17
        switch (source, destination) {
        case (.v4(let from), .v4(let to)):
            header = ICMP.header4
            ICMP.writeHeader4(length, from: from, to: to, typeOfService: 0, number: 17, out)
            sum = Checksum.sum(out + 12, byteCount: 8, initial: sum)
        case (.v6(let from), .v6(let to)):
            header = ICMP.header6
            ICMP.writeHeader6(length, from: from, to: to, number: 17, out)
            sum = Checksum.sum(out + 8, byteCount: 32, initial: sum)
        default: return 0
        }
        let datagram = out + header
        datagram.storeBE(sourcePort, at: 0)
        datagram.storeBE(destinationPort, at: 2)
        datagram.storeBE(UInt16(length), at: 4)
        datagram.storeBE(0 as UInt16, at: 6)
        let checksum = Checksum.finish(Checksum.sum(datagram, byteCount: length, initial: sum))
        // Zero means that there is none.
        datagram.storeBE(checksum == 0 ? 0xFFFF : checksum, at: 6)
        return header + length
    }
}
