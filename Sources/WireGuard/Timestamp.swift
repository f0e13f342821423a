// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// TAI64N, the wall-clock time in an initiation (whitepaper 5.1; Documentation/protocol.md section 4). Twelve bytes, big endian, ordered by
/// time.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Seconds since 1970 plus 2^62 + 10.
    public var seconds: UInt64
    public var nanoseconds: UInt32

    /// The encoded length in bytes.
    public static let byteCount = 12
    /// Earlier than any real timestamp; the start value of a new peer (WG-T-4).
    public static let zero = Timestamp(seconds: 0, nanoseconds: 0)

    init(seconds: UInt64, nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The given time, with nanoseconds rounded down to a multiple of 2^24 so that the precise clock is not revealed (WG-T-1, WG-T-2).
    public init(unixNanoseconds: UInt64) {
        seconds = unixNanoseconds / 1_000_000_000 + 0x4000_0000_0000_000A
        nanoseconds = UInt32(unixNanoseconds % 1_000_000_000) & ~0xFF_FFFF
    }

    /// Decodes twelve bytes.
    public init(at bytes: UnsafeRawPointer) {
        seconds = bytes.uint64BE(at: 0)
        nanoseconds = bytes.uint32BE(at: 8)
    }

    /// Decodes exactly twelve bytes; nil for any other length.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self = bytes.withUnsafeBytes { Timestamp(at: $0.baseAddress!) }
    }

    /// Encodes twelve bytes.
    public func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBE(seconds, at: 0)
        bytes.storeBE(nanoseconds, at: 8)
    }

    /// The next timestamp at the same precision, so that it reveals no more of the clock.
    public var next: Timestamp {
        let step: UInt32 = 1 << 24
        let isLast = nanoseconds >= 1_000_000_000 - step
        return isLast ? Timestamp(seconds: seconds + 1, nanoseconds: 0) : Timestamp(seconds: seconds, nanoseconds: nanoseconds + step)
    }

    /// The encoded twelve bytes.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, filled in
            write(to: UnsafeMutableRawPointer(buffer.baseAddress!))
            filled = Self.byteCount
        }
    }

    public static func < (a: Self, b: Self) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }
}
