// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The Internet checksum (RFC 1071), computed in full or updated incrementally (RFC 1624).
public enum Checksum {
    /// Adds the ones' complement sum of `byteCount` bytes to `initial`. The result is not yet folded or inverted.
    @inlinable public static func sum(_ bytes: UnsafeRawPointer, byteCount: Int, initial: UInt64 = 0) -> UInt64 {
        // Four bytes at a time and in host order: a sum of words with swapped bytes is the sum with its bytes swapped (RFC 1071 2 B).
        var total: UInt64 = 0
        var offset = 0
        while offset &+ 3 < byteCount {
            total &+= UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            offset &+= 4
        }
        if offset &+ 1 < byteCount {
            total &+= UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            offset &+= 2
        }
        if offset < byteCount { total &+= UInt64(UInt16(littleEndian: UInt16(bytes.uint8(at: offset)))) }
        while total >> 16 != 0 { total = (total & 0xFFFF) &+ (total >> 16) }
        return initial &+ UInt64(UInt16(truncatingIfNeeded: total).bigEndian)
    }

    /// Folds and inverts a sum into the 16 bits of a header field.
    @inlinable public static func finish(_ sum: UInt64) -> UInt16 {
        var sum = sum
        while sum >> 16 != 0 { sum = (sum & 0xFFFF) &+ (sum >> 16) }
        return ~UInt16(truncatingIfNeeded: sum)
    }

    /// The updated checksum after one 16-bit word that it covers changed from `old` to `new` (RFC 1624 eqn. 3).
    @inlinable public static func updated(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
        finish(UInt64(~checksum) &+ UInt64(~old) &+ UInt64(new))
    }
}

/// The CRC-32 checksum of IEEE 802.3, as used by zlib and ZIP files.
public enum CRC32 {
    /// The checksum of `bytes`.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}
