// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A moment of the wall clock: whole seconds since 1970-01-01 00:00:00 UTC. The Store never reads a clock; whoever calls it does.
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

    /// Seconds by which the clock may be set back without ending what was begun since: time servers correct by less. Beyond that a session or
    /// a link that seems to come from the future is over, since nobody could say when it would end.
    static let setBackTolerance: Int64 = 5 * 60

    /// The latest end that something may have which lives for `lifetime` seconds and was not begun in the future.
    func latestEnd(ofLifetime lifetime: Int64) -> UnixTime { adding(seconds: lifetime + Self.setBackTolerance) }

    public static func < (a: Self, b: Self) -> Bool { a.seconds < b.seconds }
}
