// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `A session` {
    private let hub: TestSite
    private let browser: Browsing

    init() throws {
        hub = try TestSite(passwordHash: `Signing in`.hash)
        browser = try hub.signedIn()
    }

    private func isIn(_ browser: Browsing) throws -> Bool { try browser.get("/account").status == 200 }

    private func sessions(_ email: String = "ada@example.org") throws -> [Session] {
        try hub.database.read { db in
            let account = try #require(try db.account(email: email))
            return try db.sessions(ofAccount: account.id, at: hub.world.now.withLock { $0 })
        }
    }

    private func newest() throws -> AuditEntry? { try hub.database.read { try $0.auditEntries(limit: 1) }.first }

    /// Every route that pages ask by themselves, and one that people ask.
    @Test func `ends after half an hour without its user, whatever an open page asks`() throws {
        let device = try hub.add("nas")
        let passive = RouteListing.all.filter { $0.flags.contains("passive") }
        #expect(passive.count >= 2)
        for route in passive {
            let browser = try hub.signedIn()
            for _ in 0..<29 {
                hub.world.advance(seconds: 60)
                #expect(try browser.send(route.method.rawValue, route.path(id: device.id)).status == 200, "\(route)")
                hub.site.beat()
            }
            hub.world.advance(seconds: 60)
            #expect(try !isIn(browser), "\(route)")
        }
        let other = try hub.signedIn()
        for _ in 0..<3 {
            hub.world.advance(seconds: 29 * 60)
            #expect(try isIn(other))
            hub.site.beat()
        }
    }

    @Test func `stays when its user ends the others, and they end`() throws {
        let (second, third) = (try hub.signedIn(), try hub.signedIn())
        #expect(try browser.post("/account/sessions/end-others", on: "/account").location == "/account?done=sessions")
        #expect(try isIn(browser))
        #expect(try !isIn(second))
        #expect(try !isIn(third))
        #expect(try sessions().count == 1)
    }

    @Test func `is ended by its own user and nobody else`() throws {
        let eve = try hub.signedIn(role: .viewer)
        let mine = try #require(try sessions().first).id
        #expect(try eve.post("/account/sessions/\(mine)/end", on: "/account").status == 404)
        #expect(try isIn(browser))
        let second = try hub.signedIn()
        let other = try #require(try sessions().first { $0.id != mine }).id
        #expect(try browser.post("/account/sessions/\(other)/end", on: "/account").status == 303)
        #expect(try !isIn(second))
        #expect(try isIn(browser))
        #expect(try newest()?.action == "session.end")
        #expect(try browser.post("/account/sessions/\(other)/end", on: "/account").status == 404)
    }

    @Test func `ends with signing out, also for somebody who kept the cookie`() throws {
        let cookies = browser.cookies
        #expect(try browser.post("/logout", on: "/account").location == "/login")
        #expect(browser.cookies["sid"] == nil)
        #expect(try !isIn(Browsing(hub.site, cookies: cookies)))
        #expect(try sessions().isEmpty)
    }

    @Test func `of an account that an admin disables ends, and it cannot sign in again`() throws {
        let bob = try hub.database.write {
            try $0.addAccount(email: "bob@example.org", passwordHash: `Signing in`.hash, role: .viewer, by: .system, at: World.start)
        }
        let form = ["email": bob.email, "password": `Signing in`.password]
        let other = Browsing(hub.site)
        #expect(try other.post("/login", form).location == "/devices")
        #expect(try browser.post("/admins/\(bob.id)/disable", on: "/admins/\(bob.id)").status == 303)
        #expect(try !isIn(other))
        let again = try Browsing(hub.site).post("/login", form)
        #expect(again.status == 422)
        #expect(again.text.contains("The email address or the password is wrong."))
        #expect(try newest()?.action == "login.refused")
        #expect(try browser.post("/admins/\(bob.id)/enable", on: "/admins/\(bob.id)").status == 303)
        #expect(try Browsing(hub.site).post("/login", form).location == "/devices")
    }

    /// Paths that lead to another site in one browser or another.
    @Test(arguments: [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "/a\\b", "evil.example", "", "/a b", "/ä",
        "/\u{9}/evil.example",
        "/" + String(repeating: "a", count: 512),
    ])
    func `leads to no other site`(next: String) throws {
        let answer = try Browsing(hub.site).post("/login", ["email": "ada@example.org", "password": `Signing in`.password, "next": next])
        #expect(answer.location == "/devices")
    }

    @Test func `shows a secret to its own browser for ten minutes`() {
        let secrets = OneTimeSecrets()
        secrets.put("x", for: "token", session: "one", now: 1_000)
        #expect(secrets.text(for: "token", session: "one", now: 1_599) == "x")
        #expect(secrets.text(for: "token", session: "one", now: 1_600) == nil)
        #expect(secrets.text(for: "token", session: "two", now: 1_000) == nil)
        #expect(secrets.text(for: "other", session: "one", now: 1_000) == nil)
        secrets.remove(for: "token", session: "one")
        #expect(secrets.text(for: "token", session: "one", now: 1_000) == nil)
    }
}

@Suite struct `What a viewer sees` {
    /// A hub with one of everything that has a page, as an admin and as a viewer.
    private let scene: AuditedScene
    private let viewer: Browsing

    init() throws {
        scene = try AuditedScene()
        viewer = try scene.hub.signedIn(role: .viewer)
    }

    private var pages: [String] {
        RouteListing.all.filter { $0.method == .get && $0.who.contains("viewer") && $0.pattern != "/events" }.map { $0.path(id: scene.nas.id) }
    }

    @Test func `has no form that only admins may send, and none without its token`() throws {
        let router = Router(Routes.table)
        for path in pages {
            let text = try viewer.get(path).text
            for form in text.matches(of: /<form [^>]*method="post" action="([^"]+)"([^>]*)>(.*?)<\/form>/.dotMatchesNewlines()) {
                let segments = form.1.split(separator: "?")[0].split(separator: "/").map(String.init)
                guard case .found(let route, _) = router.match(.post, segments) else {
                    Issue.record("\(path) has a form for \(form.1), which is no route")
                    continue
                }
                #expect(route.payload.access != .admin || form.3.contains("<fieldset disabled"), "\(path): \(form.1)")
                #expect(form.3.contains("name=\"csrf_token\""), "\(path): \(form.1)")
            }
        }
    }

    /// The admin's pages have them, so the forms below are looked for in the right place.
    @Test func `has no token, no key and nobody else's session`() throws {
        let secrets = try scene.hub.database.read { db in
            [try #require(try db.privateKey(ofDevice: scene.nas.id)).revealBase64(), try db.hubPrivateKey().revealBase64()]
        }
        for path in pages + ["/devices/\(scene.nas.id)?show=file"] {
            let text = try viewer.get(path).text
            for secret in secrets { #expect(!text.contains(secret), "\(path)") }
            #expect(!text.contains(scene.otherSession.id), "\(path)")
        }
        #expect(try !viewer.get("/account").text.contains("old script"))
        #expect(try scene.browser.get("/account").text.contains("old script"))
        #expect(try scene.browser.get("/account").text.contains(scene.otherSession.id))
    }
}
