// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Testing

struct `An instant` {
    @Test func `moves by a duration and measures one`() {
        let start = Instant(nanoseconds: 5_000_000_000)
        #expect(start + .seconds(2) == Instant(nanoseconds: 7_000_000_000))
        #expect(start - .seconds(1) == Instant(nanoseconds: 4_000_000_000))
        #expect(start - Instant(nanoseconds: 7_000_000_000) == .seconds(-2))
    }

    @Test func `stops at the ends of the scale`() {
        #expect(Instant(nanoseconds: 1) - .seconds(1) == Instant(nanoseconds: 0))
        #expect(Instant(nanoseconds: .max) + .seconds(1) == Instant(nanoseconds: .max))
    }

    @Test func `of the clock never goes back`() {
        let first = Instant.now()
        #expect(Instant.now() >= first)
    }

    @Test func `of the wall is after 2024`() {
        #expect(WallTime.now() > WallTime(seconds: 1_704_067_200))
    }
}
