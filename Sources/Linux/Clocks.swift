// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

extension Instant {
    /// Reads CLOCK_BOOTTIME, about 30 ns. clock_gettime(2)
    public static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }
}

extension UnixTime {
    /// Reads CLOCK_REALTIME, without the fraction of the second. It may jump; measure intervals with `Instant`. clock_gettime(2)
    public static func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(seconds: Int64(time.tv_sec))
    }

    /// The same in nanoseconds since 1970-01-01 00:00 UTC, as timestamps in handshakes need it. Saturates: 0 before 1970, and the largest number
    /// after the year 2554.
    public static func nowInNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    static func nanoseconds(_ time: timespec) -> UInt64 {
        let (whole, overflow) = UInt64(max(0, time.tv_sec)).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(UInt64(max(0, time.tv_nsec)))
        return overflow || carry ? .max : sum
    }
}

/// The processor time that a thread used. Other programs on the machine hardly affect it.
public enum ProcessorTime {
    /// The time used by the calling thread since it started. Reads CLOCK_THREAD_CPUTIME_ID. clock_gettime(2)
    public static func ofThread() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// The clock of the calling thread's time, which other threads of the process can read. pthread_getcpuclockid(3)
    public static var clockOfThread: Int32 {
        var clock: clockid_t = 0
        pthread_getcpuclockid(pthread_self(), &clock)
        return clock
    }

    /// The time used by a thread; nil when it has ended.
    public static func read(_ clock: Int32) -> Duration? {
        var time = timespec()
        return clock_gettime(clock, &time) == 0 ? .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec) : nil
    }
}
