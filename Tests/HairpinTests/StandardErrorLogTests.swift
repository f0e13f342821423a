// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Testing

@testable import hairpin
import Words

@Suite struct `A value in the log` {
    @Test(arguments: [
        ("51820", "51820"), ("", "\"\""), ("two words", "\"two words\""), ("a\nlevel=info", "\"a\\nlevel=info\""),
        ("say \"hi\"", "\"say \\\"hi\\\"\""), ("back\\slash", "\"back\\\\slash\""), ("\u{1B}[31m", "\"\\u{1B}[31m\""), ("naïve", "\"naïve\""),
        ("\u{9B}2J", "\"\\u{9B}2J\""), ("a\u{202E}b", "\"a\\u{202E}b\""), ("\u{2028}level=info", "\"\\u{2028}level=info\""),
    ])
    func `cannot begin a new line`(value: String, written: String) {
        #expect(StandardErrorLog.quoted(value) == written)
    }
}

@Suite struct `A list on a terminal` {
    @Test func `shows control characters from outside as escapes, and its JSON means the same`() throws {
        let text = "eve\u{1B}]0;x\u{7}\r\n1  2027  forged\u{7F}\u{85}\u{9B}\u{202E}\u{2066}@example.org \u{1F600}"
        #expect(
            text.harmless
                == "eve\\u{1B}]0;x\\u{7}\\r\\n1  2027  forged\\u{7F}\\u{85}\\u{9B}\\u{202E}\\u{2066}@example.org \u{1F600}")
        #expect(text.harmless.harmless == text.harmless)
        let line = Listing.line(of: ["target": .string(text)])
        #expect(line.unicodeScalars.allSatisfy { $0.isHarmless })
        let parsed = try JSON(parsing: Array(line.utf8))
        #expect(parsed["target"]?.string == text)
    }

    @Test func `shows characters of all scripts unchanged`() {
        for text in ["naïve Straße", "שלום", "日本語", "👩‍💻", "a\u{300}"] { #expect(text.harmless == text) }
    }
}
