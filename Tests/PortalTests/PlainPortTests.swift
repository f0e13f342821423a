// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

@testable import Portal

@Suite struct `The plain port beside HTTPS` {
    private let application: Application
    private let hub: TestSite

    init() throws {
        hub = try TestSite()
        application = hub.site.plainApplication(httpsPort: 8443)
    }

    private func send(_ line: String, host: String = "hub.example.org", isTLS: Bool = false) throws -> Answer {
        Answer(application.answer(to: try Request(text: "\(line) HTTP/1.1\r\nHost: \(host)\r\n\r\n", isTLS: isTLS)))
    }

    @Test(arguments: [
        ("GET /", "hub.example.org", "https://hub.example.org:8443/"),
        ("HEAD /devices", "HUB.example.org:80", "https://hub.example.org:8443/devices"),
        ("GET /setup?token=a%20b&c", "[::1]:8080", "https://[::1]:8443/setup?token=a%20b&c"),
        ("GET //evil/x", "127.0.0.1", "https://127.0.0.1:8443//evil/x"), ("GET /?", "localhost", "https://localhost:8443/?"),
    ])
    func `redirects pages to HTTPS`(line: String, host: String, location: String) throws {
        let answer = try send(line, host: host)
        #expect(answer.status == 301)
        #expect(answer.location == location)
        #expect(answer.response.fields["Cache-Control"] == "no-store")
        #expect(answer.response.fields["Strict-Transport-Security"] == nil)
    }

    @Test(arguments: ["GET /api/v1/devices", "POST /api/v1/devices", "GET /metrics", "POST /login", "DELETE /devices"])
    func `refuses requests that carry secrets`(line: String) throws {
        let answer = try send(line)
        #expect(answer.status == 403)
        #expect(answer.location == nil)
    }

    @Test func `knows the hosts of the portal and no other`() throws {
        #expect(try application.acceptsHost(#require(Authority("hub.example.org")), []))
        #expect(try !application.acceptsHost(#require(Authority("evil.example")), []))
    }

    @Test func `leaves the default port out of the address`() throws {
        let usual = hub.site.plainApplication(httpsPort: 443)
        let answer = Answer(usual.answer(to: try Request(text: "GET /a HTTP/1.1\r\nHost: hub.example.org:80\r\n\r\n")))
        #expect(answer.location == "https://hub.example.org/a")
    }
}

@Suite struct `Over TLS the portal` {
    private func get(_ hub: TestSite, host: String, isTLS: Bool = true) throws -> Response {
        hub.site.application.answer(to: try Request(text: "GET /login HTTP/1.1\r\nHost: \(host)\r\n\r\n", isTLS: isTLS))
    }

    @Test func `sets cookies that browsers return only over TLS`() throws {
        let cookies = try get(try TestSite(), host: "hub.example.org").fields.all("Set-Cookie")
        #expect(cookies.count == 1)
        #expect(
            cookies.allSatisfy { $0.hasPrefix("__Host-") && $0.contains("; Secure") && $0.contains("; HttpOnly") && $0.contains("; SameSite=Strict") }
        )
        #expect(cookies.allSatisfy { $0.contains("; Path=/") && !$0.contains("Domain") })
        #expect(try get(try TestSite(), host: "hub.example.org", isTLS: false).fields.all("Set-Cookie").allSatisfy { !$0.contains("Secure") })
    }

    @Test(arguments: [("hub.example.org", true, true), ("127.0.0.1", true, false), ("localhost", true, false), ("hub.example.org", false, false)])
    func `asks browsers to use only TLS if it has a name`(host: String, isTLS: Bool, asks: Bool) throws {
        #expect((try get(try TestSite(), host: host, isTLS: isTLS).fields["Strict-Transport-Security"] == "max-age=31536000") == asks)
    }
}
