// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A point in time on a clock that never jumps and keeps running while the machine sleeps (CLOCK_BOOTTIME, WG-C-10), in nanoseconds since
/// boot. `Instant.now()` in Linux reads the clock.
public struct Instant: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    @inlinable public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The latest instant; means never.
    public static let never = Instant(nanoseconds: .max)

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Adds a duration. Saturates at the ends of the range instead of trapping.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let step = duration.nanoseconds
        let (sum, overflow) =
            step >= 0
            ? instant.nanoseconds.addingReportingOverflow(UInt64(step))
            : instant.nanoseconds.subtractingReportingOverflow(step.magnitude)
        return Instant(nanoseconds: overflow ? (step >= 0 ? .max : 0) : sum)
    }

    /// The earlier of two instants; nil means never.
    public static func earlier(_ a: Instant?, _ b: Instant?) -> Instant? {
        guard let a, let b else { return a ?? b }
        return min(a, b)
    }

    /// Subtracts a duration. Saturates like `+`.
    public static func - (instant: Instant, duration: Duration) -> Instant { instant + (.zero - duration) }

    /// Adds a duration. Saturates like `+`.
    public static func += (instant: inout Instant, duration: Duration) { instant = instant + duration }

    /// The time from `earlier` to `later`; negative when `later` comes first.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(Int64(clamping: Int128(later.nanoseconds) - Int128(earlier.nanoseconds)))
    }
}

/// An optional instant in eight bytes instead of sixteen, for state that a large hub has many of. Nil and `Instant.never` are the same.
@propertyWrapper public struct Packed: Sendable {
    private var instant = Instant.never

    /// Nil.
    public init() {}

    /// The given instant, or nil.
    public init(wrappedValue: Instant?) { self.wrappedValue = wrappedValue }

    /// The instant; nil if there is none.
    public var wrappedValue: Instant? {
        get { instant == .never ? nil : instant }
        set { instant = newValue ?? .never }
    }
}

extension Duration {
    /// The duration in nanoseconds. Saturates at about 292 years in both directions.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }
}
