// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Store
import Support
import Testing
import WebAuthn

@testable import Portal

/// A browser that signed in before proves it with a cookie, and then has counts of its own.
@Suite struct `A known browser` {
    private let hub: TestSite
    private let ada: Account

    init() throws {
        hub = try TestSite(passwordHash: `Signing in`.hash)
        ada = try hub.database.read { try $0.accounts()[0] }
    }

    private func credentials() throws -> Credentials { try hub.database.read { try $0.credentials(ofAccount: ada.id) } }

    /// A browser with a valid cookie for the credentials of now.
    private func known(_ id: String) throws -> Browsing {
        Browsing(hub.site, cookies: ["browser": "\(id).\(hub.site.signer.sign("\(id) \(try credentials().epoch)", for: .browser))"])
    }

    private func isKnown(_ browser: Browsing) throws -> Bool { try browser.admitted("/login").visit.knownBrowser(of: credentials()) != nil }

    private func signIn(_ browser: Browsing) throws -> Answer {
        try browser.post("/login", ["email": ada.email, "password": `Signing in`.password, "next": ""])
    }

    private func addApp() throws -> TOTP {
        let app = TOTP.generate()
        try hub.database.write { try $0.setTOTP(app, ofAccount: ada.id, usedStep: 0, by: .system, at: World.start) }
        return app
    }

    @Test(arguments: ["password", "app", "removed"])
    func `is known until the account's password or factors change`(change: String) throws {
        let browser = Browsing(hub.site)
        _ = try signIn(browser)
        #expect(try isKnown(browser))
        let cookie = browser.cookies["browser"]
        _ = try signIn(browser)
        #expect(browser.cookies["browser"] == cookie)
        switch change {
        case "password": try hub.database.write { try $0.setPassword(ofAccount: ada.id, hash: "new", by: .system, at: World.start) }
        case "app": _ = try addApp()
        default:
            try hub.database.write {
                _ = try $0.addAccount(email: "bob@example.org", passwordHash: "x", role: .admin, by: .system, at: World.start)
                try $0.removeAccount(ada.id, by: .system, at: World.start)
                _ = try $0.addAccount(email: ada.email, passwordHash: `Signing in`.hash, role: .admin, by: .system, at: World.start)
            }
        }
        let now = try hub.database.read { db in try #require(try db.account(email: ada.email).map { try db.credentials(ofAccount: $0.id) }) }
        #expect(try browser.admitted("/login").visit.knownBrowser(of: now) == nil)
    }

    @Test func `stays known when its own user changes the password`() throws {
        let browser = Browsing(hub.site)
        _ = try signIn(browser)
        let form = ["current_password": `Signing in`.password, "new_password": "black tea at five"]
        #expect(try browser.post("/account/password", on: "/account", form).status == 303)
        #expect(try isKnown(browser))
    }

    /// Somebody who knows the password collects cookies before the owner adds a second factor.
    @Test func `from before the second factor guesses codes like a stranger`() throws {
        let browsers = try (0..<2).map { _ in
            let browser = Browsing(hub.site)
            _ = try signIn(browser)
            browser.cookies["sid"] = nil
            return browser
        }
        let app = try addApp()
        for browser in browsers { #expect(try signIn(browser).location?.hasPrefix("/login/code") == true) }
        for _ in 0..<5 { #expect(try browsers[0].post("/login/code", ["code": "000000"]).status == 422) }
        browsers[1].address = "203.0.113.9"
        #expect(try browsers[1].post("/login/code", ["code": app.code(step: World.start.seconds / TOTP.period)]).status == 429)
    }

    @Test func `guesses codes in the count of all known browsers too, and a recovery code works meanwhile`() throws {
        let app = try addApp()
        let codes = try hub.database.write { try $0.makeRecoveryCodes(ofAccount: ada.id, by: .system, at: World.start) }
        for number in 0..<4 {
            let browser = try known("b\(number)")
            #expect(try signIn(browser).location?.hasPrefix("/login/code") == true)
            for _ in 0..<5 { #expect(try browser.post("/login/code", ["code": "000000"]).status == 422) }
        }
        let owner = try known("owner")
        #expect(try signIn(owner).location?.hasPrefix("/login/code") == true)
        #expect(try owner.post("/login/code", ["code": app.code(step: World.start.seconds / TOTP.period)]).status == 429)
        #expect(try owner.post("/login/code", ["code": codes[0]]).status == 303)
    }

    /// Others at its address have guessed.
    @Test func `does not wait for others with its passkey`() throws {
        let vector = PasskeyVector.ed25519
        let made = try Ceremony(relyingParty: "example.org", origin: "https://example.org") { _ in true }
            .registered(clientData: vector.registrationClientData, attestationObject: vector.attestationObject)
        let credential = try #require(made.credential)
        try hub.database.write {
            try $0.addPasskey(
                ofAccount: ada.id, credentialID: credential.id, relyingParty: "example.org", key: credential.key, counter: 0, name: "key",
                by: .system, at: World.start)
            for _ in 0..<5 { _ = try $0.takeLoginAttempt([.source("127.0.0.1/32")], at: World.start) }
        }
        let form = [
            "credential": Base64URL.encode(credential.id), "client_data": "AAAA", "authenticator_data": "AAAA", "signature": "AAAA", "next": "",
        ]
        #expect(try Browsing(hub.site).post("/login/passkey", on: "/login", form).status == 429)
        let browser = try known("owner")
        for _ in 0..<5 { #expect(try browser.post("/login/passkey", on: "/login", form).status == 422) }
        #expect(try browser.post("/login/passkey", on: "/login", form).status == 429)
    }
}

/// The port in the Host field is the client's word.
@Suite struct `The origin of a passkey's page` {
    private func origin(_ hub: TestSite, _ host: String, from peer: String = "127.0.0.1", isTLS: Bool = false) throws -> String? {
        let peer = Endpoint(address: try #require(IPAddress(peer)), port: 50_000)
        let request = try Request(text: "POST /login/passkey HTTP/1.1\r\nHost: \(host)\r\n\r\n", peer: peer, isTLS: isTLS)
        return hub.site.pageOrigin(of: request)?.description
    }

    @Test func `has the port on which the hub listens, or that a trusted proxy passes on`() throws {
        let hub = try TestSite()
        #expect(try origin(hub, "localhost:8080") == nil)
        hub.site.listens(on: 8080, behind: ["198.51.100.0/24"])
        #expect(try origin(hub, "localhost:8080") == "http://localhost:8080")
        #expect(try origin(hub, "localhost:9999") == nil)
        #expect(try origin(hub, "localhost") == nil)
        #expect(try origin(hub, "hub.example.org", from: "198.51.100.7", isTLS: true) == "https://hub.example.org")
        #expect(try origin(hub, "hub.example.org", from: "203.0.113.7", isTLS: true) == nil)
        hub.site.listens(on: 443, behind: [])
        #expect(try origin(hub, "hub.example.org", isTLS: true) == "https://hub.example.org")
    }

    @Test func `is that of the portal's URL on the same host`() throws {
        let hub = try TestSite()
        try hub.database.change(by: .system, at: World.start) {
            var edit = DefaultsEdit(try $0.defaults(), try $0.hub())
            edit.portalURL = "https://hub.example.org:8443"
            try $0.editDefaults(edit)
        }
        hub.site.refreshHosts()
        hub.site.listens(on: 443, behind: [])
        #expect(try origin(hub, "hub.example.org:9999", isTLS: true) == "https://hub.example.org:8443")
        #expect(try origin(hub, "localhost:443") == "http://localhost:443")
        #expect(try origin(hub, "localhost:9999") == nil)
    }

    @Test func `is checked for every passkey`() throws {
        let hub = try TestSite()
        hub.site.listens(on: 8080, behind: [])
        let browser = Browsing(hub.site)
        for (host, isRight) in [("localhost:8080", true), ("localhost:9999", false)] {
            var visit = try browser.admitted("/login/passkey").visit
            visit = Visit(
                site: hub.site, request: try Request(text: "POST / HTTP/1.1\r\nHost: \(host)\r\n\r\n"), parameters: visit.parameters,
                access: .entry, language: .english, now: visit.now, preSession: visit.preSession)
            #expect(((try? visit.ceremony) != nil) == isRight, "\(host)")
        }
    }
}
