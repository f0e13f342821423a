// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc

/// What a thread used of the processor; other programs on the machine hardly change it.
public enum ProcessorTime {
    /// Of the calling thread, since it began. Reads CLOCK_THREAD_CPUTIME_ID. clock_gettime(2)
    public static func ofThread() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
