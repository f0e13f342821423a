// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store
import Testing

@testable import Portal

/// Requests every listed route as every kind of visitor (ASVS 8.2.1).
@Suite struct `Every route` {
    static let pages = RouteListing.all.filter { !$0.who.isDisjoint(with: ["viewer", "admin"]) }
    static let guarded = RouteListing.all.filter { $0.pattern.hasPrefix("/api/") || $0.pattern == "/metrics" }

    @Test func `is in the listing with its access, and no other is`() {
        #expect(RouteListing.all.count == RouteListing.lines.count)
        let (listed, made) = (Set(RouteListing.lines), Set(RouteListing.ofTheProgram))
        #expect(made.subtracting(listed).sorted() == [], "RouteListing.swift lacks these")
        #expect(listed.subtracting(made).sorted() == [], "RouteListing.swift has these, which the program does not")
        #expect(RouteListing.ofTheProgram.count == made.count)
    }

    /// Sends a route's request with a valid form token.
    private func send(_ route: ListedRoute, _ browser: Browsing) throws -> Answer {
        let target = route.path()
        guard route.method == .post else { return try browser.send(route.method.rawValue, target) }
        return try browser.post(target, on: "/account")
    }

    @Test func `of the portal lets nobody in without a session`() throws {
        let site = try TestSite().site
        for route in Self.pages {
            let answer = try Browsing(site).send(route.method.rawValue, route.path(), form: route.method == .post ? [:] : nil)
            // Programs open these two, so a redirect would mislead.
            if route.pattern == "/events" || route.pattern == "/api/v1/openapi.json" {
                #expect(answer.status == 401, "\(route)")
            } else {
                #expect(answer.status == 303, "\(route)")
                #expect(answer.location?.hasPrefix("/login") == true, "\(route)")
            }
        }
    }

    /// One hub for all, and an account for each request, because some of them end sessions.
    @Test(arguments: [Account.Role.viewer, .admin])
    func `is open to the roles that the listing names and to no other`(role: Account.Role) throws {
        let hub = try TestSite()
        for (number, route) in Self.pages.enumerated() {
            let answer = try send(route, hub.signedIn(role: role, email: "\(number)@example.org"))
            #expect((answer.status == 403) != route.who.contains("\(role.rawValue)"), "\(route): \(answer.status)")
        }
    }

    @Test func `that needs a fresh confirmation asks for one, and then continues`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        for route in Self.pages where route.flags.contains("confirmed") {
            let browser = try hub.signedIn()
            hub.world.advance(seconds: Session.confirmationLifetime + 1)
            let answer = try send(route, browser)
            #expect(answer.status == 303, "\(route)")
            let location = try #require(answer.location, "\(route)")
            #expect(location.hasPrefix("/account/confirm?next=%2F"), "\(route): \(location)")
            let back = try browser.post("/account/confirm", on: location, ["password": `Signing in`.password, "next": route.path()])
            #expect(back.location == route.path(), "\(route)")
            #expect(try send(route, browser).location?.hasPrefix("/account/confirm") != true, "\(route)")
        }
    }

    @Test func `of the API lets nobody in without a token, not even with a session`() throws {
        let hub = try TestSite()
        for route in Self.guarded {
            // Only the description of the API, which holds no data, is open to a session.
            let visitor = route.who.contains("viewer") ? Browsing(hub.site) : try hub.signedIn()
            let answer = try visitor.send(route.method.rawValue, route.path())
            #expect(answer.status == 401, "\(route)")
            #expect(answer.response.fields["WWW-Authenticate"] == "Bearer realm=\"hairpin\"", "\(route)")
        }
    }

    @Test(arguments: TokenScope.allCases)
    func `of the API is open to its own scope and no other`(scope: TokenScope) throws {
        let secret = try TestSite().api(scope)
        for route in Self.guarded {
            let lines = "\(route.method.rawValue) \(route.path()) HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer \(secret.token)\r\n\r\n"
            let answer = try Answer(secret.site.application.answer(to: Request(text: lines)))
            #expect((answer.status == 403) == !route.who.contains("token:\(scope.rawValue)"), "\(route): \(answer.status)")
            #expect(answer.status != 401, "\(route)")
        }
    }
}

@Suite struct `A viewer` {
    /// Starts at the list of devices, follows every link and checks every form.
    @Test func `finds no control that would be refused, and no secret`() throws {
        let hub = try TestSite()
        let online = try hub.add("nas")
        try hub.add("lonely", reaching: ["10.3.2.2/32"])
        try hub.add("old")
        hub.hear(from: online)
        let secret = try #require(try hub.database.read { try $0.privateKey(ofDevice: online.id) }).revealBase64()
        let browser = try hub.signedIn(role: .viewer)
        let router = Router(Routes.table)
        var waiting = ["/devices", "/reachability", "/map", "/reachability?from=\(online.id)&to=\(online.id)"]
        var seen = Set(waiting)
        while let path = waiting.popLast() {
            let answer = try browser.get(path)
            #expect(answer.status != 403, "\(path)")
            #expect(!answer.text.contains(secret), "\(path)")
            for match in answer.text.matches(of: /<a [^>]*href="(\/[^"#]*)/) {
                let next = String(match.1).replacing("&amp;", with: "&")
                if seen.insert(next).inserted { waiting.append(next) }
            }
            for match in answer.text.matches(of: /<form [^>]*method="post" action="([^"]+)"/) {
                let segments = match.1.split(separator: "?")[0].split(separator: "/").map(String.init)
                guard case .found(let route, _) = router.match(.post, segments) else {
                    Issue.record("\(path) has a form for \(match.1), which is no route")
                    continue
                }
                let isDisabled = answer.text.contains("action=\"\(match.1)\" class=\"form\">\n<fieldset disabled")
                #expect(route.payload.access != .admin || isDisabled, "\(path) has a form for \(match.1)")
            }
        }
        #expect(seen.count > 15)
    }

    @Test func `cannot change anything, whatever is sent`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn(role: .viewer)
        #expect(try browser.post("/devices/\(device.id)/disable", on: "/devices").status == 403)
        #expect(try hub.device(device.id).enabled)
    }
}

@Suite struct `A confirmation` {
    private func stale() throws -> (TestSite, Browsing) {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let browser = try hub.signedIn()
        hub.world.advance(seconds: 301)
        return (hub, browser)
    }

    @Test func `is asked for before a file with a private key is shown`() throws {
        let (hub, browser) = try stale()
        let device = try hub.add("nas")
        let page = try browser.get("/devices/\(device.id)")
        #expect(page.status == 200)
        #expect(!page.text.contains("PrivateKey = "))
        #expect(
            try browser.post("/devices/\(device.id)/qr", on: "/devices/\(device.id)").location == "/account/confirm?next=%2Fdevices%2F\(device.id)")
        let answer = try browser.post(
            "/account/confirm", on: "/account/confirm", ["password": `Signing in`.password, "next": "/devices/\(device.id)"])
        #expect(answer.location == "/devices/\(device.id)")
        #expect(try browser.post("/devices/\(device.id)/qr", on: "/devices/\(device.id)").text.contains("PrivateKey = "))
    }

    @Test func `is not given by a wrong password, and wrong ones are slowed down and logged`() throws {
        let (hub, browser) = try stale()
        for _ in 0..<5 {
            let answer = try browser.post("/account/confirm", ["password": "wrong wrong wrong", "next": "/devices"])
            #expect(answer.status == 422)
            #expect(answer.text.contains("This is not your password."))
        }
        #expect(try browser.post("/account/confirm", ["password": `Signing in`.password, "next": "/devices"]).text.contains("Too many attempts."))
        #expect(try hub.database.read { try $0.auditEntries(limit: 1) }.first?.action == "confirm.refused")
    }

    @Test func `leads only to paths of this site`() throws {
        let (_, browser) = try stale()
        let answer = try browser.post("/account/confirm", ["password": `Signing in`.password, "next": "//evil.example/"])
        #expect(answer.location == "/devices")
    }

    @Test func `leads from a form that was sent too late to the page with the form`() throws {
        let (hub, browser) = try stale()
        let device = try hub.add("nas")
        let answer = try browser.post("/devices/\(device.id)/delete", on: "/devices")
        #expect(answer.location == "/account/confirm?next=%2Fdevices%2F\(device.id)%2Fdelete")
        let id = try hub.database.read { try $0.accounts()[0].id }
        #expect(try browser.post("/admins/\(id)/remove", on: "/devices").location == "/account/confirm?next=%2Fadmins%2F\(id)%2Fremove")
        #expect(try hub.device(device.id).name == "nas")
    }
}
