// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import Words

@Suite struct `The length of a text` {
    /// One character for Swift, and any number of bytes.
    private let tall = "a" + String(repeating: "\u{301}", count: 1_000)

    @Test func `counts scalars for people and bytes for storage`() {
        #expect("e\u{301}".scalarCount == 2)
        #expect(tall.count == 1)
        #expect(tall.scalarCount == 1_001)
        #expect(tall.first(scalars: 10).scalarCount == 10)
        #expect(tall.first(bytes: 10).utf8.count == 9)
    }

    @Test func `cuts between characters, and between scalars only if one is too long`() {
        #expect("ab👩‍👩‍👧".first(scalars: 4) == "ab")
        #expect("ab👩‍👩‍👧".first(scalars: 7) == "ab👩‍👩‍👧")
        #expect("grüße".first(bytes: 3) == "gr")
        #expect("grüße".first(bytes: 4) == "grü")
        #expect("grüße".first(bytes: 0) == "")
        #expect("".first(scalars: 3) == "")
        #expect("berlin".last(scalars: 3) == "lin")
    }

    /// At the limit and one beyond it, for both ways to count.
    @Test(arguments: ["berlin", "grüße", "ab👩‍👩‍👧", "日本語", "e\u{301}e\u{301}"])
    func `takes all of a text of exactly the limit, and as much as fits of a longer one`(text: String) {
        #expect(text.first(scalars: text.scalarCount) == text)
        #expect(text.first(bytes: text.utf8.count) == text)
        #expect((text + "x").first(scalars: text.scalarCount) == text)
        #expect((text + "x").first(bytes: text.utf8.count) == text)
        #expect(text.first(scalars: text.scalarCount - 1) == text.dropLast())
        #expect(text.first(bytes: text.utf8.count - 1) == text.dropLast())
    }

    @Test func `bounds what is shown`() {
        #expect(tall.shortened(to: 20).scalarCount == 20)
        #expect("a very long name".shortenedInside(to: 9) == "a ve…name")
        #expect(String(repeating: tall, count: 30).shortenedInside(to: 20).scalarCount <= 20)
    }
}
