// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The echo requests with which the hub tests a link, and the answers to them (RFC 792, RFC 4443 4). The payload is a random token that
/// identifies the answer, whatever addresses the answer carries.
extension ICMP {
    /// Header of the echo message: type, code, checksum, identifier, sequence number.
    private static let echoHeader = 8
    private static let tokenByteCount = 16

    /// The length in bytes of the largest probe without padding.
    public static let probeByteCount = header6 + echoHeader + tokenByteCount

    /// How a probe was answered.
    public enum ProbeAnswer: Equatable, Sendable {
        /// An echo reply with this token.
        case reply(UInt128)
        /// A "destination unreachable" error that quotes this token: the machine is online but refuses pings.
        case unreachable(UInt128)
    }

    /// Writes an echo request to `buffer`, padded with zeros to a packet of `byteCount` bytes where that is longer. Returns its length, or 0
    /// when the two addresses are of different families. `buffer` needs room for the larger of `byteCount` and `probeByteCount`.
    public static func writeProbe(
        _ token: UInt128, from: IPAddress, to: IPAddress, byteCount: Int = 0, to buffer: UnsafeMutableRawPointer
    ) -> Int {
        let header: Int
        let message = max(echoHeader + tokenByteCount, byteCount - (from.isV4 ? header4 : header6))
        switch (from, to) {
        case (.v4(let from), .v4(let to)):
            header = header4
            writeHeader4(message, from: from, to: to, typeOfService: 0, buffer)
            buffer.storeBE(0x0800 as UInt16, at: header)
        case (.v6(let from), .v6(let to)):
            header = header6
            writeHeader6(message, from: from, to: to, buffer)
            buffer.storeBE(0x8000 as UInt16, at: header)
        default: return 0
        }
        buffer.storeBE(0 as UInt16, at: header + 2)
        // Stateful firewalls tell probes apart by the identifier.
        buffer.storeBE(UInt16(truncatingIfNeeded: token), at: header + 4)
        buffer.storeBE(1 as UInt16, at: header + 6)
        buffer.storeBE(UInt64(truncatingIfNeeded: token >> 64), at: header + echoHeader)
        buffer.storeBE(UInt64(truncatingIfNeeded: token), at: header + echoHeader + 8)
        let padding = message - echoHeader - tokenByteCount
        (buffer + header + echoHeader + tokenByteCount).initializeMemory(as: UInt8.self, repeating: 0, count: padding)
        if header == header4 { seal4(message, buffer) } else { seal6(message, buffer) }
        return header + message
    }

    /// Parses an answer to a probe; nil for any other packet. The caller checks that a probe with this token was sent.
    public static func probeAnswer(in packet: IPPacket) -> ProbeAnswer? {
        guard packet.nextProtocol == (packet.isV4 ? 1 : 58), let header = packet.headerByteCount, packet.isFirstFragment,
            packet.byteCount >= header + echoHeader + tokenByteCount
        else { return nil }
        let message = UnsafeRawPointer(packet.base) + header
        let byteCount = packet.byteCount - header
        guard byteCount >= echoHeader + tokenByteCount else { return nil }
        switch message.uint8(at: 0) {
        case packet.isV4 ? 0 : 129:
            guard message.uint8(at: 1) == 0 else { return nil }
            return .reply(token(at: message + echoHeader))
        case packet.isV4 ? 3 : 1:
            // The error quotes our own packet, and we send no header options.
            let quoted = echoHeader + (packet.isV4 ? header4 : header6)
            guard byteCount >= quoted + echoHeader + tokenByteCount, message.uint8(at: quoted) == (packet.isV4 ? 8 : 128) else { return nil }
            return .unreachable(token(at: message + quoted + echoHeader))
        default: return nil
        }
    }

    private static func token(at bytes: UnsafeRawPointer) -> UInt128 {
        UInt128(bytes.uint64BE(at: 0)) << 64 | UInt128(bytes.uint64BE(at: 8))
    }
}
