// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Store
import Testing

@testable import Portal
@testable import Templates

@Suite struct `A portal below a path` {
    private let hub: TestSite
    private let browser: Browsing

    init() throws {
        hub = try TestSite()
        try hub.move(to: "https://example.org/vpn/")
        browser = try hub.signedIn()
        browser.base = "/vpn"
    }

    private func request(_ text: String, isTLS: Bool = false) throws -> Answer {
        Answer(hub.site.application.answer(to: try Request(text: text + "\r\n\r\n", isTLS: isTLS, base: "/vpn")))
    }

    @Test func `tells the server its path`() throws {
        #expect(hub.site.application.base() == "/vpn")
        #expect(try TestSite().site.application.base() == "")
        try hub.move(to: "https://example.org")
        #expect(hub.site.application.base() == "")
    }

    @Test func `redirects below it`() throws {
        #expect(try browser.get("/").location == "/vpn/devices")
        #expect(try request("GET /reachability HTTP/1.1\r\nHost: localhost").location == "/vpn/login?next=%2Freachability")
        let device = try hub.add("nas")
        let answer = try browser.post("/devices/\(device.id)/disable", on: "/devices/\(device.id)")
        #expect(answer.location?.hasPrefix("/vpn/devices/\(device.id)?") == true)
        #expect(try browser.post("/account/theme", on: "/status", ["theme": "dark", "next": "/status"]).location == "/vpn/status")
        #expect(try browser.post("/account/theme", on: "/status", ["theme": "dark", "next": "//evil.example"]).location == "/vpn/devices")
    }

    @Test func `keeps its cookies to itself, and nothing of others on the host`() throws {
        let plain = try request("GET /login HTTP/1.1\r\nHost: localhost").response.fields["Set-Cookie"]
        #expect(plain?.hasPrefix("pre=") == true && plain?.contains("; Path=/vpn; HttpOnly") == true)
        let secure = try request("GET /login HTTP/1.1\r\nHost: localhost", isTLS: true).response.fields["Set-Cookie"]
        #expect(secure?.hasPrefix("__Secure-pre=") == true && secure?.contains("; Path=/vpn; HttpOnly; SameSite=Strict; Secure") == true)
        let sid = try #require(browser.cookies["sid"])
        for (name, status) in [("sid", 303), ("__Host-sid", 303), ("__Secure-sid", 200)] {
            #expect(try request("GET /devices HTTP/1.1\r\nHost: localhost\r\nCookie: \(name)=\(sid)", isTLS: true).status == status, "\(name)")
        }
        let gone = try browser.post("/logout", on: "/account")
        #expect(gone.location == "/vpn/login" && gone.response.fields["Clear-Site-Data"] == nil)
    }

    @Test func `names it in links that leave the portal, and in the API`() throws {
        let device = try hub.add("nas")
        #expect(try browser.post("/devices/\(device.id)/links", on: "/devices/\(device.id)", ["hours": "1"]).status == 303)
        #expect(try browser.get("/devices/\(device.id)").text.contains("https://example.org/vpn/hand-over?token="))
        let token = try hub.database.write {
            try $0.addAPIToken(name: "t", scopes: [.read], expiresAt: nil, owner: nil, by: .system, at: World.start).secret.reveal()
        }
        let field = "Host: localhost\r\nAuthorization: Bearer \(token)"
        #expect(try request("GET /api/v1/openapi.json HTTP/1.1\r\n\(field)").text.contains("\"servers\": [{\"url\": \"/vpn/api/v1\"}]"))
        #expect(try hub.api(.read).send("GET", "/openapi.json").text.contains("\"servers\": [{\"url\": \"/api/v1\"}]"))
    }

    @Test func `has no address in a template that would not get it`() throws {
        for (name, text) in try TestSite.templates() where name.hasSuffix(".html") {
            let found = text.matches(of: /(.)([a-z-]+)="\//.dotMatchesNewlines()).filter { $0.2 != "value" }
            for match in found { #expect(match.1 == " " && TemplateAddresses.attributes.contains(String(match.2)), "\(name): \(match.0)") }
            let values = text.matches(of: /(.)(?:href|src|action|formaction)="\{\{/.dotMatchesNewlines())
            #expect(values.allSatisfy { $0.1 == " " }, "\(name)")
            #expect(text.firstMatch(of: /(?:href|src|action|formaction)="\{\{[#^>$]/) == nil, "\(name)")
        }
    }

    @Test(arguments: [
        ("https://hub.example.org", "https://hub.example.org"), ("HTTPS://Hub.example.org:8443/", "https://hub.example.org:8443"),
        ("http://192.0.2.1/vpn/", "http://192.0.2.1/vpn"), ("https://example.org/a/b-c_d.e~1", "https://example.org/a/b-c_d.e~1"),
    ])
    func `has an address`(text: String, form: String) {
        #expect(PortalURL(text)?.description == form)
        #expect(PortalURL(form)?.description == form)
    }

    @Test(arguments: [
        "", "hub.example.org", "ftp://hub.example.org", "https://", "https://a b", "https://u@example.org", "https://example.org//",
        "https://example.org/a//b", "https://example.org/../x", "https://example.org/%2e", "https://example.org/a?b", "https://example.org/a#b",
        "https://example.org/ä", "https://example.org/devices", "https://example.org/api/x", "https://example.org/\"",
        "https://example.org/" + String(repeating: "x", count: 100),
    ])
    func `has no other address`(text: String) { #expect(PortalURL(text) == nil) }
}
