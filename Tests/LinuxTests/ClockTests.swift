// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Testing

struct `A clock` {
    @Test func `that counts since boot never goes back`() {
        let first = Instant.now()
        #expect(Instant.now() >= first)
    }

    @Test func `of wall time is after 2024`() {
        #expect(UnixTime.now() > UnixTime(seconds: 1_704_067_200))
        #expect(UnixTime.nowInNanoseconds() / 1_000_000_000 >= UInt64(UnixTime.now().seconds) - 1)
    }
}
