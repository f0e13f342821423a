// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Templates
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
        #expect(answer.status == 303)
        #expect(answer.location == "/login?next=/status")
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
