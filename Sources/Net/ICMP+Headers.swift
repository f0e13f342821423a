// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Headers of the messages that the hub writes.
extension ICMP {
    static let header4 = 20
    static let header6 = 40

    /// Writes an IPv4 header (no options, TTL 64, not fragmented) for a message of `byteCount` bytes that follows it: ICMP, or another
    /// protocol `number`.
    static func writeHeader4(
        _ byteCount: Int, from: IPv4Address, to: IPv4Address, typeOfService: UInt8, number: UInt8 = 1, _ out: UnsafeMutableRawPointer
    ) {
        out.storeBE(0x4500 | UInt16(typeOfService), at: 0)
        out.storeBE(UInt16(header4 + byteCount), at: 2)
        out.storeBE(0 as UInt32, at: 4)
        out.storeBE(0x4000_0000 | UInt32(number) << 16, at: 8)
        out.storeBE(from.bits, at: 12)
        out.storeBE(to.bits, at: 16)
        out.storeBE(Checksum.finish(Checksum.sum(out, byteCount: header4)), at: 10)
    }

    /// Computes the checksum of the ICMP message behind an IPv4 header. The checksum field must be zero.
    static func seal4(_ byteCount: Int, _ out: UnsafeMutableRawPointer) {
        out.storeBE(Checksum.finish(Checksum.sum(out + header4, byteCount: byteCount)), at: header4 + 2)
    }

    /// Writes an IPv6 header (hop limit 64) for a message of `byteCount` bytes that follows it: ICMPv6, or another protocol `number`.
    static func writeHeader6(_ byteCount: Int, from: IPv6Address, to: IPv6Address, number: UInt8 = 58, _ out: UnsafeMutableRawPointer) {
        out.storeBE(0x6000_0000 as UInt32, at: 0)
        out.storeBE(UInt16(byteCount), at: 4)
        out.storeBE(UInt16(number) << 8 | 64, at: 6)
        out.storeBE(from.high, at: 8)
        out.storeBE(from.low, at: 16)
        out.storeBE(to.high, at: 24)
        out.storeBE(to.low, at: 32)
    }

    /// Computes the checksum of the ICMPv6 message behind an IPv6 header. It includes the pseudo header of RFC 8200 8.1: both addresses,
    /// the length and the next header.
    static func seal6(_ byteCount: Int, _ out: UnsafeMutableRawPointer) {
        let pseudo = Checksum.sum(out + 8, byteCount: 32, initial: UInt64(byteCount) &+ 58)
        out.storeBE(Checksum.finish(Checksum.sum(out + header6, byteCount: byteCount, initial: pseudo)), at: header6 + 2)
    }
}
