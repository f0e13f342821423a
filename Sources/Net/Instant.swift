// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A moment on a clock that never steps back and counts time asleep (CLOCK_BOOTTIME, protocol.md C-10).
/// Eight bytes, so that workers can keep it in an atomic.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since boot.
    public var nanoseconds: UInt64

    @inlinable public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    @inlinable public static func + (a: Self, b: Duration) -> Instant {
        Instant(nanoseconds: a.nanoseconds &+ UInt64(bitPattern: b.inNanoseconds))
    }

    /// How long after `b` this moment is; negative when it is earlier.
    @inlinable public static func - (a: Self, b: Self) -> Duration {
        .nanoseconds(Int64(bitPattern: a.nanoseconds &- b.nanoseconds))
    }
}

extension Duration {
    /// Whole nanoseconds; good for 292 years.
    @inlinable public var inNanoseconds: Int64 {
        let parts = components
        return parts.seconds &* 1_000_000_000 &+ parts.attoseconds / 1_000_000_000
    }
}
