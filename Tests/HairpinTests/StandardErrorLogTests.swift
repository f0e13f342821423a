// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import hairpin

@Suite struct `A value in the log` {
    @Test(arguments: [
        ("51820", "51820"), ("", "\"\""), ("two words", "\"two words\""), ("a\nlevel=info", "\"a\\nlevel=info\""),
        ("say \"hi\"", "\"say \\\"hi\\\"\""), ("back\\slash", "\"back\\\\slash\""), ("\u{1B}[31m", "\"\\u{1B}[31m\""), ("naïve", "\"naïve\""),
    ])
    func `cannot begin a line of its own`(value: String, written: String) {
        #expect(StandardErrorLog.quoted(value) == written)
    }
}
