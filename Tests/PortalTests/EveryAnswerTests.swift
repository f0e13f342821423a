// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Store
import Testing

@testable import Portal

/// Asks for every listed route in one hub, and looks at what all answers must have in common.
@Suite struct `Every answer` {
    private func answers() throws -> [(route: ListedRoute, answer: Answer)] {
        let scene = try AuditedScene()
        let program = try scene.hub.api(.read, .devices, .settings, .metrics)
        return try RouteListing.all.filter { $0.pattern != "/logout" }.map { route in
            let path = route.path(id: scene.nas.id)
            if route.pattern.hasPrefix("/api/v1") {
                return (route, try program.send(route.method.rawValue, String(path.dropFirst("/api/v1".count)), route.method.isSafe ? nil : [:]))
            }
            return (route, try route.method == .post ? scene.post(path) : scene.browser.send(route.method.rawValue, path))
        }
    }

    /// Only assets may be kept, because their address changes with their content.
    @Test func `forbids every cache to keep it, and is guarded against other sites`() throws {
        let all = try answers()
        #expect(all.count > 100)
        for (route, answer) in all {
            let fields = answer.response.fields
            if !route.pattern.hasPrefix("/assets/") { #expect(fields["Cache-Control"] == "no-store", "\(route)") }
            #expect(fields["Content-Security-Policy"]?.hasPrefix("default-src 'none'; script-src 'self'") == true, "\(route)")
            #expect(fields["X-Content-Type-Options"] == "nosniff", "\(route)")
            #expect(fields["X-Frame-Options"] == "DENY", "\(route)")
            #expect(fields["Referrer-Policy"] == "same-origin", "\(route)")
            #expect(answer.status < 500, "\(route)")
        }
    }

    /// HEAD is GET without its body, and asks nothing of the hub that GET would not.
    @Test func `to HEAD has the status of GET and notes no fetch`() throws {
        let scene = try AuditedScene()
        let entries = { try scene.hub.database.read { try $0.auditHead()?.number } }
        let before = try entries()
        for route in RouteListing.all where route.method == .get && !route.pattern.hasPrefix("/api/") && route.pattern != "/metrics" {
            let path = route.path(id: scene.nas.id)
            let head = try scene.browser.send("HEAD", path)
            #expect(head.status < 500, "\(route)")
            #expect(try entries() == before, "\(route)")
            #expect(try scene.hub.device(scene.nas.id).fetchedAt == nil, "\(route)")
        }
    }

    /// Refused forms leave everything as it is.
    @Test func `to a form without its token, or from nowhere, is a refusal that changes nothing`() throws {
        let scene = try AuditedScene()
        let token = try #require(try scene.browser.get("/account").text.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1)
        let entries = { try scene.hub.database.read { try $0.auditHead()?.number } }
        let before = try entries()
        for route in RouteListing.all where route.method == .post && !route.who.isDisjoint(with: ["viewer", "admin"]) {
            let path = route.path(id: scene.nas.id)
            let browser = scene.browser
            let with = ["csrf_token": String(token)]
            let refused = [
                "without a token": try browser.send("POST", path, fields: browser.postFields, form: [:]),
                "with another token": try browser.send(
                    "POST", path, fields: browser.postFields, form: ["csrf_token": String(repeating: "0", count: 64)]),
                "from nowhere": try browser.send("POST", path, fields: [], form: with),
                "from another site": try browser.send("POST", path, fields: ["Origin: https://evil.example"], form: with),
                "from another site that hides it": try browser.send(
                    "POST", path, fields: ["Origin: null", "Sec-Fetch-Site: cross-site"], form: with),
                "from no origin": try browser.send("POST", path, fields: ["Origin: null"], form: with),
                "from a neighbour": try browser.send(
                    "POST", path, fields: ["Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: same-site"], form: with),
            ]
            for (name, answer) in refused { #expect(answer.status == 403, "\(route) \(name)") }
        }
        #expect(try entries() == before)
        #expect(try scene.browser.get("/devices").status == 200)
    }

    /// The forms before the sign-in are tied to the browser that got them.
    @Test func `to a form of another browser is a refusal`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let (one, other) = (Browsing(hub.site), Browsing(hub.site))
        let token = try #require(try one.get("/login").text.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1)
        let form = ["csrf_token": String(token), "email": "ada@example.org", "password": `Signing in`.password]
        // Without any cookie, and with the cookie of another page.
        #expect(try other.send("POST", "/login", fields: other.postFields, form: form).status == 403)
        _ = try other.get("/login")
        #expect(try other.send("POST", "/login", fields: other.postFields, form: form).status == 403)
        #expect(try one.send("POST", "/login", fields: one.postFields, form: form).status == 303)
    }
}

/// Cookies, as browsers keep them.
@Suite struct `A cookie of the portal` {
    @Test func `lives as long as what it is for`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let browser = Browsing(hub.site)
        func ages(_ answer: Answer) -> [String: String] {
            answer.response.fields.all("Set-Cookie").reduce(into: [:]) { ages, cookie in
                let parts = cookie.split(separator: "; ")
                ages[String(parts[0].prefix { $0 != "=" })] = parts.first { $0.hasPrefix("Max-Age=") }.map { String($0.dropFirst(8)) } ?? "session"
            }
        }
        #expect(ages(try browser.get("/login")) == ["pre": "session"])
        let signedIn = try browser.post("/login", ["email": "ada@example.org", "password": `Signing in`.password])
        #expect(ages(signedIn) == ["sid": "session", "pre": "0", "browser": "31536000"])
        #expect(ages(try browser.post("/account/theme", on: "/account", ["theme": "dark", "next": "/"])) == ["theme": "31536000"])
        #expect(ages(try browser.post("/account/language", on: "/account", ["language": "de", "next": "/"])) == ["language": "31536000"])
        #expect(ages(try browser.post("/logout", on: "/account")) == ["sid": "0"])
    }

    @Test func `of a choice beats what the browser asks for`() throws {
        let browser = try TestSite().signedIn()
        browser.cookies["language"] = "en"
        #expect(try browser.get("/devices", fields: ["Accept-Language: de"]).response.fields["Content-Language"] == "en")
        browser.cookies["language"] = "xx"
        #expect(try browser.get("/devices", fields: ["Accept-Language: de"]).response.fields["Content-Language"] == "de")
    }

    @Test func `of a session is renewed with the password, and works at once`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let browser = try hub.signedIn()
        let old = try #require(browser.cookies["sid"])
        let answer = try browser.post(
            "/account/password", on: "/account", ["current_password": `Signing in`.password, "new_password": "a kettle of fresh snow"])
        #expect(answer.status == 303)
        #expect(browser.cookies["sid"] != old)
        #expect(try browser.get("/devices").status == 200)
        #expect(try Browsing(hub.site, cookies: ["sid": old]).get("/devices").status == 303)
    }
}
