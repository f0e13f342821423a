// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Net
import Testing

@testable import Linux

struct `A clock` {
    @Test func `that counts since boot never goes back`() {
        let first = Instant.now()
        #expect(Instant.now() >= first)
    }

    @Test func `of wall time is after 2024`() {
        #expect(UnixTime.now() > UnixTime(seconds: 1_704_067_200))
        #expect(UnixTime.nowInNanoseconds() / 1_000_000_000 >= UInt64(UnixTime.now().seconds) - 1)
    }

    @Test func `of the wall saturates before 1970 and after 2554 instead of trapping`() {
        #expect(UnixTime.nanoseconds(timespec(tv_sec: 18_446_744_073, tv_nsec: 709_551_615)) == .max)
        #expect(UnixTime.nanoseconds(timespec(tv_sec: 18_446_744_073, tv_nsec: 999_999_999)) == .max)
        #expect(UnixTime.nanoseconds(timespec(tv_sec: .max, tv_nsec: 0)) == .max)
        #expect(UnixTime.nanoseconds(timespec(tv_sec: -5, tv_nsec: 7)) == 7)
        #expect(UnixTime.nanoseconds(timespec(tv_sec: 2, tv_nsec: 7)) == 2_000_000_007)
    }
}

struct `An error of the kernel` {
    @Test func `shows its text and its name`() {
        #expect(Errno.addressInUse.description == "Address already in use (EADDRINUSE)")
    }

    @Test func `without a name shows its number`() {
        #expect(Errno(4711).description == "unknown error (errno 4711)")
    }
}
