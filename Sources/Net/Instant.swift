// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A point on the clock that never jumps and counts on while the machine sleeps (CLOCK_BOOTTIME, WG-C-10), in nanoseconds since boot.
/// The clock itself is read in Linux: `Instant.now()`.
public struct Instant: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    @inlinable public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The end of the scale, for what is not going to be.
    public static let never = Instant(nanoseconds: .max)

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Stops at the ends of the scale instead of trapping.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let step = duration.nanoseconds
        let (sum, overflow) =
            step >= 0
            ? instant.nanoseconds.addingReportingOverflow(UInt64(step))
            : instant.nanoseconds.subtractingReportingOverflow(step.magnitude)
        return Instant(nanoseconds: overflow ? (step >= 0 ? .max : 0) : sum)
    }

    /// The earlier of two moments that may never come (nil).
    public static func earlier(_ a: Instant?, _ b: Instant?) -> Instant? {
        guard let a, let b else { return a ?? b }
        return min(a, b)
    }

    /// Like `+`: stops at the ends of the scale.
    public static func - (instant: Instant, duration: Duration) -> Instant { instant + (.zero - duration) }

    /// Like `+`.
    public static func += (instant: inout Instant, duration: Duration) { instant = instant + duration }

    /// How long after `earlier` this is; negative when it is before.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(Int64(clamping: Int128(later.nanoseconds) - Int128(earlier.nanoseconds)))
    }
}

extension Duration {
    /// The whole in nanoseconds, about 292 years at most and at least.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }
}
