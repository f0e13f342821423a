// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Testing

@testable import Portal
import Words

struct `A visitor's language` {
    @Test(arguments: [
        ("de", Language.german), ("de-AT,de;q=0.9,en;q=0.8", .german), ("en-GB,de;q=0.9", .english), ("fr, de;q=0.5, en;q=0.4", .german),
        ("en;q=0.3, DE;q=0.7", .german), ("de;q=0, en;q=0.1", .english), ("de;q=x,en", .english),
    ])
    func `is the best that the browser asks for`(field: String, language: Language) {
        #expect(Language(accepted: field) == language)
    }

    @Test(arguments: ["", "fr", "*", "deutsch", ";q=1", "de;q=0"])
    func `is not set if the browser asks for none of ours`(field: String) {
        #expect(Language(accepted: field) == nil)
    }

    @Test func `decides the text of a page and its language attribute`() throws {
        let browsing = Browsing(try TestSite().site)
        let german = try browsing.get("/login", fields: ["Accept-Language: de-DE"])
        #expect(german.text.contains("<html lang=\"de\""))
        #expect(german.text.contains("Zum Verwalten der Geräte anmelden."))
        #expect(german.response.fields["Content-Language"] == "de")
        #expect(german.response.fields["Vary"] == "Accept-Language, Cookie")
        #expect(german.response.fields["Cache-Control"] == "no-store")
        #expect(try browsing.get("/login").text.contains("Sign in to manage its devices."))
    }

    @Test func `is the one chosen on the sign-in page, whatever the browser asks for`() throws {
        let browsing = Browsing(try TestSite().site)
        let answer = try browsing.post("/login/language", on: "/login", ["language": "de", "next": "/login?next=/status"])
        #expect(answer.status == 303 && answer.location == "/login?next=/status")
        #expect(try browsing.get("/login", fields: ["Accept-Language: en"]).text.contains("Anmelden"))
    }

    @Test func `can be chosen in the account menu`() throws {
        let browsing = try TestSite().signedIn()
        #expect(try browsing.get("/devices").text.contains("<button name=\"language\" value=\"de\" lang=\"de\">Deutsch</button>"))
        #expect(try browsing.post("/account/language", on: "/account", ["language": "de", "next": "/status"]).location == "/status")
        #expect(try browsing.get("/devices").text.contains("Noch kein Gerät"))
        #expect(try browsing.post("/account/language", on: "/account", ["language": "xx", "next": "/"]).status == 400)
    }

    @Test func `is used for a message beside a field`() throws {
        let browsing = try TestSite().signedIn()
        browsing.cookies["language"] = "de"
        let answer = try browsing.post("/devices", on: "/devices/new", ["name": "nas", "ipv4": "10.3.2.300"])
        #expect(answer.text.contains("10.3.2.300 ist keine Adresse. Eine IPv4-Adresse hat vier Zahlen von 0 bis 255."))
        #expect(answer.text.contains("Nicht gespeichert. 1 Feld unten korrigieren."))
    }

    @Test func `is not used by the API`() throws {
        let api = try TestSite().api(.read, .devices)
        let answer = try api.send("POST", "/devices", ["name": ""], fields: ["Accept-Language: de"])
        #expect(answer.text.contains("A name is missing. Give 1 to 64 characters."))
    }
}

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
