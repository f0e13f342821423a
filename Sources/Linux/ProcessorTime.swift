// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc

/// The processor time that a thread used. Other programs on the machine hardly affect it.
public enum ProcessorTime {
    /// The time used by the calling thread since it started. Reads CLOCK_THREAD_CPUTIME_ID. clock_gettime(2)
    public static func ofThread() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
