// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A moment of the wall clock: whole seconds since 1970-01-01 00:00:00 UTC. `UnixTime.now()` in Linux reads the clock; nothing below the commands does.
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Negative before 1970.
    public var seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// The moment `seconds` later, or earlier for a negative number. Stays at the end of the range beyond it.
    public func adding(seconds: Int64) -> UnixTime {
        let (sum, overflow) = self.seconds.addingReportingOverflow(seconds)
        return UnixTime(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// Whole seconds from `earlier` to this moment; negative when `earlier` is later. Stays at the end of the range beyond it.
    public func seconds(since earlier: UnixTime) -> Int64 {
        let (difference, overflow) = seconds.subtractingReportingOverflow(earlier.seconds)
        return overflow ? (seconds < 0 ? .min : .max) : difference
    }

    public static func < (a: Self, b: Self) -> Bool { a.seconds < b.seconds }
}
