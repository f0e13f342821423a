// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What the hub answers to a packet for its own address that is no ping: like a host on which nothing listens, it refuses TCP with a reset,
/// and UDP and other protocols with an ICMP error. Without that, a program waits for a minute where it could fail at once (WG-H-22).
public enum HostAnswer: Equatable, Sendable {
    /// A TCP reset; see `writeReset`.
    case reset
    case failure(ICMP.Failure)
    /// No answer: ICMP that is no ping, a reset, or a malformed or unanswerable packet.
    case silence

    /// The answer to a whole packet, which is no echo request.
    public init(to packet: IPPacket) {
        guard let header = TransportHeader(of: packet), header.offset < packet.byteCount else {
            self = .silence
            return
        }
        switch header.number {
        case 6: self = TCPSegment(packet) == nil ? .silence : .reset
        case 17: self = .failure(.portUnreachable)
        // ICMP, and "no next header".
        case 1 where packet.isV4, 58 where !packet.isV4, 59 where !packet.isV4: self = .silence
        default: self = .failure(.protocolUnreachable(namedAt: header.namedAt))
        }
    }

    /// The maximum length of a reset in bytes.
    public static let resetByteCount = ICMP.header6 + TCPSegment.headerByteCount

    /// Writes the reset that refuses a TCP segment to `buffer`, which must have room for `resetByteCount` bytes. Returns the number of bytes
    /// written, 0 when the segment must not be answered (RFC 9293 3.10.7.1).
    public static func writeReset(about packet: IPPacket, to buffer: UnsafeMutableRawPointer) -> Int {
        guard let segment = TCPSegment(packet) else { return 0 }
        let size = TCPSegment.headerByteCount
        let header: Int
        let pseudo: UInt64
        switch (packet.destination, packet.source) {
        case (.v4(let from), .v4(let to)):
            header = ICMP.header4
            ICMP.writeHeader4(size, from: from, to: to, typeOfService: 0, number: 6, buffer)
            pseudo = Checksum.sum(buffer + 12, byteCount: 8, initial: UInt64(size) + 6)
        case (.v6(let from), .v6(let to)):
            header = ICMP.header6
            ICMP.writeHeader6(size, from: from, to: to, number: 6, buffer)
            pseudo = Checksum.sum(buffer + 8, byteCount: 32, initial: UInt64(size) + 6)
        default: return 0
        }
        segment.writeReset(to: buffer + header, pseudo: pseudo)
        return header + size
    }
}

/// The fields of a TCP segment that decide about the reset to it.
private struct TCPSegment {
    static let headerByteCount = 20
    private static let (fin, syn, rst, ack): (UInt8, UInt8, UInt8, UInt8) = (1, 2, 4, 16)

    let ports: UInt32
    let sequence: UInt32
    let acknowledged: UInt32?
    /// The sequence numbers that it takes up.
    let length: UInt32

    /// Nil for a malformed segment, and for one that must not be answered.
    init?(_ packet: IPPacket) {
        guard ICMP.isOneHost(packet.source), let header = TransportHeader(of: packet), header.number == 6,
            header.offset + Self.headerByteCount <= packet.byteCount
        else { return nil }
        let base = UnsafeRawPointer(packet.base) + header.offset
        let flags = base.uint8(at: 13)
        let dataOffset = Int(base.uint8(at: 12) >> 4) * 4
        guard flags & Self.rst == 0, dataOffset >= Self.headerByteCount, header.offset + dataOffset <= packet.byteCount else { return nil }
        let ports = base.uint32BE(at: 0)
        self.ports = ports << 16 | ports >> 16
        sequence = base.uint32BE(at: 4)
        acknowledged = flags & Self.ack == 0 ? nil : base.uint32BE(at: 8)
        length = UInt32(packet.byteCount - header.offset - dataOffset) + (flags & Self.syn == 0 ? 0 : 1) + (flags & Self.fin == 0 ? 0 : 1)
    }

    /// Writes the TCP header of the reset. `pseudo` is the sum of the pseudo header.
    func writeReset(to out: UnsafeMutableRawPointer, pseudo: UInt64) {
        out.storeBE(ports, at: 0)
        out.storeBE(acknowledged ?? 0, at: 4)
        out.storeBE(acknowledged == nil ? sequence &+ length : 0, at: 8)
        let flags = acknowledged == nil ? Self.rst | Self.ack : Self.rst
        out.storeBE(UInt32(0x5000 | UInt16(flags)) << 16, at: 12)
        out.storeBE(0 as UInt32, at: 16)
        out.storeBE(Checksum.finish(Checksum.sum(out, byteCount: Self.headerByteCount, initial: pseudo)), at: 16)
    }
}
