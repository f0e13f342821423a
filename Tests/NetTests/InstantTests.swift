// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

struct `An instant` {
    @Test func `moves by a duration in both directions`() {
        let instant = Instant(nanoseconds: 5_000_000_000)
        #expect((instant + .seconds(2)).nanoseconds == 7_000_000_000)
        #expect((instant - .seconds(2)).nanoseconds == 3_000_000_000)
    }

    @Test func `WG-C-10 saturates at the ends of its range`() {
        #expect((Instant(nanoseconds: 1) - .seconds(1)).nanoseconds == 0)
        #expect((Instant(nanoseconds: .max - 1) + .seconds(1)).nanoseconds == .max)
        #expect((Instant(nanoseconds: 1) + .seconds(Int64.max)).nanoseconds == UInt64(Int64.max) + 1)
    }

    @Test func `WG-C-10 minus a later one is negative`() {
        #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 8) == .nanoseconds(-3))
        #expect(Instant(nanoseconds: .max) - Instant(nanoseconds: 0) == .nanoseconds(Int64.max))
    }

    @Test func `that means never is later than any other`() {
        let (early, late) = (Instant(nanoseconds: 5), Instant(nanoseconds: 8))
        #expect(Instant.earlier(late, early) == early)
        #expect(Instant.earlier(early, late) == early)
        #expect(Instant.earlier(nil, late) == late)
        #expect(Instant.earlier(late, nil) == late)
        #expect(Instant.earlier(nil, nil) == nil)
        #expect(late < .never)
    }
}
