// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

@Suite struct `The rules for text` {
    @Test func `count scalars, so that a name has a bounded number of bytes`() {
        #expect(TextRules.nameProblem(String(repeating: "😀", count: 64)) == nil)
        #expect(TextRules.nameProblem(String(repeating: "😀", count: 65))?.description == "The name has 65 characters. Give at most 64.")
        let tall = String(repeating: "a\u{301}\u{302}\u{303}", count: 60)
        #expect(TextRules.nameProblem(tall)?.description == "The name has 240 characters. Give at most 64.")
        #expect(TextRules.descriptionProblem(String(repeating: "ä", count: 1_000)) == nil)
        #expect(TextRules.descriptionProblem("a" + String(repeating: "\u{301}", count: 1_000))?.description.contains("1001") == true)
        #expect(Tag("a" + String(repeating: "\u{301}", count: 32)) == nil)
    }

    @Test(arguments: [
        ("\u{200B}", "U+200B ZERO WIDTH SPACE"), ("\u{3164}", "U+3164 HANGUL FILLER"), ("\u{2800}", "U+2800 BRAILLE PATTERN BLANK"),
        ("\u{200D}\u{200D}", "U+200D ZERO WIDTH JOINER"), ("\u{FE0F}", "U+FE0F VARIATION SELECTOR-16"), ("\u{AD}", "U+00AD SOFT HYPHEN"),
        ("laptop\u{200D}", "U+200D ZERO WIDTH JOINER"), ("lap\u{200B}top", "U+200B ZERO WIDTH SPACE"),
        ("ab\u{202E}cd", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("ab\u{2066}", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\u{E0041}a", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("a\u{7}b", "U+0007"), ("a\u{2028}b", "U+2028 LINE SEPARATOR"), ("\u{FEFF}a", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    ])
    func `refuse what nobody can see, and name it`(name: String, label: String) {
        #expect(TextRules.nameProblem(name)?.description == "The name contains the invisible character \(label). Remove it.")
        #expect(TextRules.hiddenCharacter(in: name) == label)
    }

    @Test(arguments: ["👩‍👩‍👧 phone", "❤️", "1️⃣ first", "می‌خواهم", "日本", "naïve", "क्‍ष", "nas"])
    func `allow the joiners that emoji and scripts need`(name: String) {
        #expect(TextRules.nameProblem(name) == nil)
    }

    @Test func `refuse tags of fillers`() {
        #expect(Tag("\u{3164}") == nil)
        #expect(Tag("büro") != nil)
    }
}
