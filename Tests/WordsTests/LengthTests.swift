// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import Words

@Suite struct `The length of a text` {
    /// One character for Swift, and any number of bytes.
    private let tall = "a" + String(repeating: "\u{301}", count: 1_000)

    @Test func `counts scalars for people and bytes for storage`() {
        #expect("e\u{301}".scalarCount == 2)
        #expect(tall.count == 1 && tall.scalarCount == 1_001)
        #expect(tall.first(scalars: 10).scalarCount == 10)
        #expect(tall.first(bytes: 10).utf8.count == 9)
    }

    @Test func `cuts between characters, and between scalars only if one is too long`() {
        #expect("ab👩‍👩‍👧".first(scalars: 4) == "ab")
        #expect("ab👩‍👩‍👧".first(scalars: 7) == "ab👩‍👩‍👧")
        #expect("grüße".first(bytes: 3) == "gr")
        #expect("grüße".first(bytes: 4) == "grü")
        #expect("grüße".first(bytes: 0) == "" && "".first(scalars: 3) == "")
        #expect("berlin".last(scalars: 3) == "lin")
    }

    @Test func `bounds what is shown`() {
        #expect(tall.shortened(to: 20).scalarCount == 20)
        #expect("a very long name".shortenedInside(to: 9) == "a ve…name")
        #expect(String(repeating: tall, count: 30).shortenedInside(to: 20).scalarCount <= 20)
    }
}
