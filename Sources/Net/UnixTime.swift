// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Wall-clock time: whole seconds since 1970-01-01 00:00:00 UTC. `UnixTime.now()` in Linux reads the clock; only the commands call it.
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Negative before 1970.
    public var seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// This time plus `seconds`, which may be negative. Saturates at the ends of the range.
    public func adding(seconds: Int64) -> UnixTime {
        let (sum, overflow) = self.seconds.addingReportingOverflow(seconds)
        return UnixTime(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// Whole seconds from `earlier` to this time; negative when `earlier` is later. Saturates at the ends of the range.
    public func seconds(since earlier: UnixTime) -> Int64 {
        let (difference, overflow) = seconds.subtractingReportingOverflow(earlier.seconds)
        return overflow ? (seconds < 0 ? .min : .max) : difference
    }

    public static func < (a: Self, b: Self) -> Bool { a.seconds < b.seconds }
}
