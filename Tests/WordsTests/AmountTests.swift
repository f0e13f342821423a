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

    @Test func `has commas between thousands`() {
        #expect([1, 999, 1204, 1_000_000].map { Amount.count($0).description } == ["1", "999", "1,204", "1,000,000"])
    }
}
