// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import Words

@Suite struct `An amount` {
    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1234, "1.2 kB"), (80_000, "80 kB"), (999_499, "999 kB"), (999_600, "1 MB"),
        (3_400_000_000, "3.4 GB"),
    ])
    func `of bytes has at most three digits`(bytes: UInt64, text: String) {
        #expect(Amount.bytes(bytes).description == text)
    }

    /// Each unit begins exactly where the one before it ends.
    @Test(arguments: [
        (-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"), (172_799, "47 h"), (172_800, "2 d"),
        (259_199, "2 d"), (259_200, "3 d"),
    ])
    func `of time is in the largest unit that fits`(seconds: Int64, text: String) {
        #expect(Amount.age(seconds).description == text)
    }

    @Test(arguments: [(0.0, "0"), (0.4, "0"), (0.6, "1 B/s"), (1_234, "1.2 kB/s"), (-7, "0")])
    func `of bytes per second has no unit at zero`(rate: Double, text: String) {
        #expect(Amount.rate(rate).description == text)
    }

    @Test func `has commas between thousands`() {
        #expect([1, 999, 1204, 1_000_000].map { Amount.count($0).description } == ["1", "999", "1,204", "1,000,000"])
    }
}
