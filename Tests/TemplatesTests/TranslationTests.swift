// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import Words

@testable import Templates

struct `A phrase` {
    private static let german = Catalog(
        language: .german,
        reading: """
            # a comment
            {1} reaches {2} in {3}
                In {3} erreicht {1} {2}
            {1} s
                {1} Sek.
            {1} device | {2} devices
                {1} Gerät | {2} Geräte
            {1} of {2}
                lost a hole: {1}
            {1},{2}
                {1}.{2}
            {1}.{2}
                {1},{2}
            """)

    @Test func `is English by itself`() {
        let phrase: Phrase = "\("nas") reaches \("office") in \(Amount.age(4))"
        #expect(phrase.text == "{1} reaches {2} in {3}")
        #expect("\(phrase)" == "nas reaches office in 4 s")
    }

    @Test func `places its arguments as the translation does, and translates them too`() {
        #expect(Self.german.say("\("nas") reaches \("office") in \(Amount.age(4))") == "In 4 Sek. erreicht nas office")
    }

    @Test func `leaves braces in an argument alone`() {
        #expect(Self.german.say("\("{2}") reaches \("{{x}}") in \("{9}")") == "In {9} erreicht {2} {{x}}")
    }

    @Test func `has the plural form of its number`() {
        let phrase = { (count: Int) in Phrase.counting(count, "\(count) device | \(count) devices") }
        #expect([0, 1, 2].map { phrase($0).description } == ["0 devices", "1 device", "2 devices"])
        #expect([0, 1, 2].map { Self.german.say(phrase($0)) } == ["0 Geräte", "1 Gerät", "2 Geräte"])
    }

    @Test func `stays English if the catalog has no matching text`() {
        #expect(Self.german.say("\("1") of \("2")") == "1 of 2")
        #expect(Self.german.say("unheard of") == "unheard of")
    }

    @Test func `is what its page says, where the page has a text of its own`() {
        let catalog = Catalog(language: .german, reading: "Open\n    Öffnen\ndoor.html: Open\n    Offen\n")
        #expect(catalog.text("Open", in: "door.html") == "Offen")
        #expect(catalog.text("Open", in: "file.html") == "Öffnen")
        #expect(catalog.text("Close", in: "door.html") == nil)
        #expect(Catalog.english.text("Open", in: "door.html") == nil)
    }

    @Test func `writes numbers as the language does`() {
        #expect(Self.german.say(Amount.count(1_234_567)) == "1.234.567")
        #expect(Amount.count(1_234_567).description == "1,234,567")
        #expect(Self.german.say(Amount.bytes(1_234)) == "1,2 kB")
    }
}

struct `The texts of a template` {
    private func texts(_ source: String) -> [String] {
        var texts: [String] = []
        _ = TemplateTexts.replace(in: source) {
            texts.append($0)
            return nil
        }
        return texts
    }

    @Test(arguments: [
        ("<p class=\"x\">One\n line.</p>", ["One line."]),
        ("<p>See <a href=\"/{{id}}\">the <b>file</b></a> or <a href=\"/\">all</a>.</p>", ["See <a>the <b>file</b></a> or <a2>all</a2>."]),
        ("<td>{{who}} <span class=\"tag\">you</span></td>", ["you"]),
        ("<li><span class=\"cell\"></span>both ways</li>", ["both ways"]),
        ("{{#a}}Yes.{{/a}}{{^a}}No.{{/a}}", ["Yes.", "No."]),
        (
            "{{<_input}}{{$label}}Name{{/label}}{{$type}}email{{/type}}{{$attributes}}placeholder=\"Ada\" required{{/attributes}}{{/_input}}",
            ["Ada", "Name"]
        ),
        ("<img alt=\"QR code of {{name}}\" src=\"x\"><b>{{n}}</b> · <code>wg</code> 10&nbsp;%", ["QR code of {{name}}"]),
        ("<p>by {{who}}, {{when}}</p>", ["by {{who}}, {{when}}"]),
    ])
    func `are what people read`(source: String, expected: [String]) {
        #expect(texts(source).sorted() == expected.sorted())
    }

    @Test func `are replaced with tags and blanks kept`() {
        let source = "<p>\n  See <a href=\"/{{id}}\" title=\"File\">the file</a> of {{name}}.\n</p>"
        let german = TemplateTexts.replace(in: source) {
            ["See <a>the file</a> of {{name}}.": "{{name}}: <a>Datei</a> ansehen.", "File": "Datei"][$0]
        }
        #expect(german == "<p>\n  {{name}}: <a href=\"/{{id}}\" title=\"Datei\">Datei</a> ansehen.\n</p>")
    }
}
