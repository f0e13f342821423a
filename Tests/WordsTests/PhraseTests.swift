// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import Words

@Suite struct `A phrase` {
    @Test(arguments: [
        ("{1} and {2}", "a and b"), ("{2}{1}{2}", "bab"), ("{1}", "a"), ("none", "none"), ("", ""), ("ä{1}ö", "äaö"),
        // Not placeholders.
        ("{3}", "{3}"), ("{0}", "{0}"), ("{}", "{}"), ("{", "{"), ("{1", "{1"), ("{{1}}", "{a}"), ("{x} {1}", "{x} a"), ("{1x}{2}", "{1x}b"),
        ("{99999999999999999999}", "{99999999999999999999}"),
    ])
    func `puts its arguments in the places of its template`(template: String, said: String) {
        #expect(Phrase(text: template, arguments: [.text("a"), .text("b")]).description == said)
    }

    @Test func `translates the phrases inside it, and does not read their arguments as templates`() {
        let phrase: Phrase = "\("{1}") met \(Phrase("the \("hub")"))"
        #expect(phrase.text == "{1} met {2}")
        #expect(phrase.description == "{1} met the hub")
        #expect(phrase.said { text, _ in text == "the {1}" ? "der {1}" : "{2}, {1}" } == "der hub, {1}")
    }

    @Test func `has a form for one and a form for several`() {
        let devices = { (count: Int) in Phrase.counting(count, "\(count) device | \(count) devices").description }
        #expect([0, 1, 2, 21].map(devices) == ["0 devices", "1 device", "2 devices", "21 devices"])
        #expect(Phrase.forms(of: "a | b | | c|d") == ["a", "b", "| c|d"])
        #expect(Phrase.forms(of: "a  | b") == ["a ", "b"])
    }
}

@Suite struct `A long text` {
    @Test func `is cut by characters, not by bytes`() {
        #expect("äöü".shortened(to: 3) == "äöü")
        #expect("äöüß".shortened(to: 3) == "äö…")
        #expect("abcdefgh".shortenedInside(to: 5) == "ab…gh")
        #expect("äöüß".shortenedInside(to: 4) == "äöüß")
    }
}
