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

    @Test func `of the wall is after 2024`() {
        #expect(WallTime.now() > WallTime(seconds: 1_704_067_200))
    }
}
