// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The time of day: seconds and nanoseconds since 1970-01-01 00:00 UTC. It may jump; measure intervals with `Instant`.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Whole seconds since 1970, negative before.
    public var seconds: Int64
    /// 0..<1_000_000_000.
    public var nanoseconds: UInt32

    /// `nanoseconds` is below a thousand million.
    public init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Reads CLOCK_REALTIME. clock_gettime(2)
    public static func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
    }

    /// True when `a` is earlier.
    public static func < (a: Self, b: Self) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }
}
