// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Splits an IPv6 packet of our own into fragments (RFC 8200 4.5); routers never do that. Only for packets without extension headers. Each
/// fragment is written into the caller's memory.
public struct IPv6Fragments {
    private static let headerByteCount = 48
    private let packet: IPPacket
    private let identification: UInt32
    /// Payload bytes of each fragment except the last.
    private let pieceByteCount: Int
    /// Payload bytes written so far.
    private var written = 0

    /// Nil when the MTU leaves no room for eight bytes of payload.
    public init?(of packet: IPPacket, mtu: Int, identification: UInt32) {
        guard !packet.isV4, Self.headerByteCount + 8 <= mtu else { return nil }
        self.packet = packet
        self.identification = identification
        pieceByteCount = (mtu - Self.headerByteCount) & ~7
    }

    /// True when all fragments have been written.
    public var isDone: Bool { written == packet.byteCount - 40 }

    /// Writes the next fragment to `buffer`, which must have room for the MTU. Returns its length in bytes.
    public mutating func writeNext(to buffer: UnsafeMutableRawPointer) -> Int {
        let payload = packet.byteCount - 40
        let piece = min(pieceByteCount, payload - written)
        buffer.copyMemory(from: packet.base, byteCount: 40)
        buffer.storeBE(UInt16(8 + piece), at: 4)
        buffer.store8(44, at: 6)
        buffer.store8(packet.nextProtocol, at: 40)
        buffer.store8(0, at: 41)
        buffer.storeBE(UInt16(written) | (written + piece == payload ? 0 : 1), at: 42)
        buffer.storeBE(identification, at: 44)
        (buffer + Self.headerByteCount).copyMemory(from: packet.base + 40 + written, byteCount: piece)
        written += piece
        return Self.headerByteCount + piece
    }
}
