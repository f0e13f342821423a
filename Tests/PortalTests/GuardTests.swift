// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store
import Testing

@testable import Portal

@Suite struct `The guard` {
    @Test func `leads from the sign-in page back to the requested page`() throws {
        let answer = try Browsing(TestSite().site).get("/reachability")
        #expect(answer.location == "/login?next=%2Freachability")
    }

    @Test func `limits each scope to its own routes`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        #expect(try hub.api(.read).send("GET", "/devices/\(device.id)").status == 200)
        #expect(try hub.api(.read).send("PATCH", "/devices/\(device.id)", ["name": "x"]).status == 403)
        #expect(try hub.api(.read).send("GET", "/devices/\(device.id)/config").status == 403)
        #expect(try hub.api(.devices).send("PATCH", "/defaults", ["mtu": 1400]).status == 403)
        #expect(try hub.api(.metrics).send("GET", "/devices").status == 403)
    }

    @Test func `ends a session after half an hour of silence`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        for _ in 0..<2 {
            hub.world.advance(seconds: 1790)
            #expect(try browser.get("/devices").status == 200)
            hub.site.beat()
        }
        hub.world.advance(seconds: 1801)
        #expect(try browser.get("/devices").status == 303)
    }

    @Test func `accepts a session over TLS only from the cookie with the prefix`() throws {
        let hub = try TestSite()
        let sid = try #require(try hub.signedIn().cookies["sid"])
        for (name, status) in [("sid", 303), ("__Host-sid", 200)] {
            let request = try Request(text: "GET /devices HTTP/1.1\r\nHost: hub.example.org\r\nCookie: \(name)=\(sid)\r\n\r\n", isTLS: true)
            #expect(hub.site.application.answer(to: request).status.code == status)
        }
    }

    @Test func `tells the server which clients are known, so that it keeps room for them`() throws {
        let hub = try TestSite()
        let sid = try #require(try hub.signedIn().cookies["sid"])
        let token = try hub.database.write {
            try $0.addAPIToken(name: "t", scopes: [.read], expiresAt: nil, owner: nil, by: .system, at: World.start)
        }
        let knows = { (path: String, field: String) in
            hub.site.application.answer(to: try Request(text: "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(field)\r\n")).knowsClient
        }
        #expect(try knows("/devices", "Cookie: sid=\(sid)\r\n"))
        #expect(try !knows("/devices", ""))
        #expect(try !knows("/devices", "Cookie: sid=\(String(sid.reversed()))\r\n"))
        #expect(try !knows("/login", "Cookie: sid=\(sid)\r\n"))
        #expect(try knows("/api/v1/devices", "Authorization: Bearer \(token.secret.reveal())\r\n"))
        #expect(try !knows("/api/v1/devices", ""))
    }

    @Test func `admits large bodies only with a valid token of the right scope`() throws {
        let hub = try TestSite()
        let add = { (scope: TokenScope) in
            try hub.database.write { try $0.addAPIToken(name: "t", scopes: [scope], expiresAt: nil, owner: nil, by: .system, at: World.start) }
        }
        let (token, other, metrics) = (try add(.devices), try add(.devices), try add(.metrics))
        let admit = { (field: String) in
            try hub.site.application.admitLargeBody(Request(text: "POST /api/v1/devices HTTP/1.1\r\nHost: localhost\r\n\(field)\r\n"))
        }
        #expect(throws: HTTPError.self) { try admit("") }
        #expect(throws: HTTPError.self) { try admit("Authorization: Bearer \(String(token.secret.reveal().reversed()))\r\n") }
        #expect(throws: HTTPError.self) { try admit("Authorization: Bearer \(metrics.secret.reveal())\r\n") }
        let senders = try [token, token, other].map { try admit("Authorization: Bearer \($0.secret.reveal())\r\n") }
        #expect(senders[0] == senders[1] && senders[1] != senders[2])
    }

    @Test func `counts event streams of all sessions of an account together`() throws {
        let hub = try TestSite()
        let streams = try (0..<2).map { _ in try hub.signedIn().get("/events").response.body }
        guard case .events(let first) = streams[0], case .events(let second) = streams[1] else { throw HTTPError(.notFound, "no stream") }
        #expect(first.owner == second.owner)
        #expect(first.key != second.key)
    }

    @Test func `knows its own hosts`() throws {
        let accepts = try TestSite().site.application.acceptsHost
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "hub.example.org", "hub.example.org.:8080", "10.3.2.1"] {
            #expect(try accepts(#require(Authority(host)), []), "\(host)")
        }
        for host in ["evil.example", "10.3.2.1.evil.example", "192.0.2.1"] { #expect(try !accepts(#require(Authority(host)), []), "\(host)") }
    }

    @Test func `lets a health check use any host`() throws {
        let accepts = try TestSite().site.application.acceptsHost
        #expect(try accepts(#require(Authority("10.0.0.7:8080")), ["healthz"]))
        #expect(try !accepts(#require(Authority("10.0.0.7:8080")), ["healthz", "x"]))
    }
}

@Suite struct `A form from elsewhere is refused` {
    /// The header fields of a forged request, and the token that it sends.
    struct Forgery: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fields: [String]
        var token: @Sendable (String) -> String? = { $0 }
    }

    static let ours = ["Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: same-origin"]
    static let forgeries = [
        Forgery(testDescription: "no token", fields: ours) { _ in nil },
        Forgery(testDescription: "an empty token", fields: ours) { _ in "" },
        Forgery(testDescription: "a wrong token", fields: ours) { _ in String(repeating: "a", count: 64) },
        Forgery(testDescription: "a cut token", fields: ours) { String($0.dropLast()) },
        Forgery(testDescription: "a longer token", fields: ours) { $0 + "0" },
        Forgery(testDescription: "neither Origin nor Sec-Fetch-Site", fields: []),
        Forgery(testDescription: "a foreign Origin", fields: ["Origin: http://evil.example"]),
        Forgery(testDescription: "Origin null", fields: ["Origin: null"]),
        Forgery(testDescription: "another port", fields: ["Origin: http://127.0.0.1:9090"]),
        Forgery(testDescription: "another scheme", fields: ["Origin: https://127.0.0.1:8080"]),
        Forgery(testDescription: "two Origins", fields: ["Origin: http://127.0.0.1:8080", "Origin: http://127.0.0.1:8080"]),
        Forgery(testDescription: "cross-site", fields: ["Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: cross-site"]),
        Forgery(testDescription: "same-site", fields: ["Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: same-site"]),
    ]

    @Test(arguments: forgeries)
    func `and changes nothing`(forgery: Forgery) throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let page = try browser.get("/devices/\(device.id)/delete").text
        let token = try #require(page.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1)
        let form = forgery.token(String(token)).map { ["csrf_token": $0] } ?? [:]
        #expect(try browser.send("POST", "/devices/\(device.id)/delete", fields: forgery.fields, form: form).status == 403)
        #expect(try hub.device(device.id).name == "nas")
        #expect(try browser.send("POST", "/devices/\(device.id)/delete", fields: Self.ours, form: ["csrf_token": String(token)]).status == 303)
    }

    /// Sends the form of the deletion page under `host`, with a valid token.
    private func delete(
        in hub: TestSite, _ host: String, _ fields: String..., forwardedPort: UInt16? = nil
    ) throws -> (status: Int, text: String) {
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let page = try browser.get("/devices/\(device.id)/delete").text
        let token = try #require(page.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1)
        let body = Array("csrf_token=\(token)".utf8)
        let lines = ["POST /devices/\(device.id)/delete HTTP/1.1", "Host: \(host)", "Cookie: sid=\(browser.cookies["sid"] ?? "")"] + fields
        let head = lines + ["Content-Type: application/x-www-form-urlencoded", "Content-Length: \(body.count)"]
        let answer = hub.site.application.answer(
            to: try Request(text: head.joined(separator: "\r\n") + "\r\n\r\n", body: body, forwardedPort: forwardedPort))
        guard case .bytes(let bytes) = answer.body else { return (answer.status.code, "") }
        return (answer.status.code, String(decoding: bytes, as: UTF8.self))
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "null", 303), ("hub.example.org.", "http://hub.example.org.", 303), ("hub.example.org:80", "http://hub.example.org", 303),
        ("hub.example.org", "http://evil.example", 403), ("hub.example.org", "http://hub.example.org:8443", 403),
        ("hub.example.org", "http://hub.example.org/", 403), ("hub.example.org", "hub.example.org", 403),
    ])
    func `unless a browser says that it is from here, however it writes the origin`(host: String, origin: String, status: Int) throws {
        #expect(try delete(in: TestSite(), host, "Origin: \(origin)", "Sec-Fetch-Site: same-origin").status == status)
    }

    @Test func `with Origin null, when it does not say same-origin`() throws {
        #expect(try delete(in: TestSite(), "127.0.0.1:8080", "Origin: null", "Sec-Fetch-Site: none").status == 403)
    }

    @Test func `with both origins and what to set, when a proxy drops the port`() throws {
        let hub = try TestSite()
        let answer = try delete(in: hub, "hub.example.org", "Origin: https://hub.example.org:8443")
        #expect(answer.status == 403)
        #expect(answer.text.contains("sent this form from https://hub.example.org:8443, but the request arrived for http://hub.example.org."))
        #expect(answer.text.contains("proxy_set_header Host $http_host"))
        #expect(try !delete(in: TestSite(), "hub.example.org", "Origin: https://evil.example").text.contains("evil.example"))
    }

    @Test func `unless the portal's URL names its origin`() throws {
        let hub = try TestSite()
        try hub.move(to: "https://hub.example.org:8443")
        #expect(try delete(in: hub, "hub.example.org", "Origin: https://hub.example.org:8443").status == 303)
        #expect(try delete(in: TestSite(), "hub.example.org", "Origin: https://hub.example.org:8443").status == 403)
    }

    @Test func `unless a proxy that drops the port reports it`() throws {
        let origin = "Origin: http://hub.example.org:8443"
        #expect(try delete(in: TestSite(), "hub.example.org", origin, forwardedPort: 8443).status == 303)
        #expect(try delete(in: TestSite(), "hub.example.org", origin).status == 403)
        // The port of the Host field counts more, and a port that the page does not have takes nothing away.
        #expect(try delete(in: TestSite(), "hub.example.org:9000", origin, forwardedPort: 8443).status == 403)
        #expect(try delete(in: TestSite(), "hub.example.org", "Origin: http://hub.example.org", forwardedPort: 8080).status == 303)
        #expect(try delete(in: TestSite(), "hub.example.org", "Origin: http://evil.example:8443", forwardedPort: 8443).status == 403)
    }

    @Test func `with the token of another session`() throws {
        let hub = try TestSite()
        let foreign = try #require(try hub.signedIn().get("/account").text.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1)
        let answer = try hub.signedIn().send("POST", "/logout", fields: Self.ours, form: ["csrf_token": String(foreign)])
        #expect(answer.status == 403)
    }

    @Test func `at the sign-in page too`() throws {
        let hub = try TestSite()
        let form = ["email": "ada@example.org", "password": "x", "next": ""]
        #expect(try Browsing(hub.site).send("POST", "/login", fields: Self.ours, form: form).status == 403)
        let foreign = try #require(try Browsing(hub.site).get("/login").text.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1)
        let browser = Browsing(hub.site)
        _ = try browser.get("/login")
        #expect(try browser.send("POST", "/login", fields: Self.ours, form: form.merging(["csrf_token": String(foreign)]) { $1 }).status == 403)
    }

    @Test func `if it has a field that the page does not know`() throws {
        let answer = try TestSite().signedIn().post("/settings/defaults", ["mtu": "1400", "role": "admin"])
        #expect(answer.status == 400)
    }
}
