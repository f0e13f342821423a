// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

struct `Header fields` {
    @Test func `compare names without regard to case`() {
        let fields: Fields = ["Content-Type": "text/plain"]
        #expect(fields["content-TYPE"] == "text/plain")
        #expect(FieldName("a") == FieldName("A"))
        #expect(Set([FieldName("a"), FieldName("A")]).count == 1)
    }

    @Test func `are ambiguous if a name occurs twice`() {
        let fields: Fields = ["A": "1", "a": "2"]
        #expect(fields["A"] == nil)
        #expect(fields.all("A") == ["1", "2"])
        #expect(fields.contains("a"))
    }

    @Test func `replace and remove all of a name`() {
        var fields: Fields = ["A": "1", "B": "2", "a": "3"]
        fields.set("A", "4")
        #expect(fields == ["B": "2", "A": "4"])
        fields.remove("b")
        #expect(fields == ["A": "4"])
    }

    @Test(arguments: ["", "A B", "A:", "Ä", "A\r\nB"]) func `refuse names that are not tokens`(text: String) {
        #expect(FieldName(text) == nil)
    }

    @Test func `contain no control characters`() {
        let fields: Fields = ["A": "x\r\nSet-Cookie: y\u{0}"]
        #expect(fields["A"] == "x  Set-Cookie: y ")
    }
}
