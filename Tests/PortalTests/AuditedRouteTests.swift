// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Testing
import Words

@testable import Portal

/// A hub with something for every route to change.
final class AuditedScene {
    private(set) var hub: TestSite
    /// The admin Ada, signed in, with a passkey and a second session.
    let browser: Browsing
    let ada: Account
    let passkey: Passkey
    let otherSession: Session
    /// Another account, with an authenticator app.
    let bob: Account
    let nas: Device
    let phone: Device
    let link: (token: SecretToken, link: HandOverTicket)
    let token: APIToken
    /// A change of the device nas that waits to be confirmed.
    let change: Int64

    init() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        (nas, phone) = (try hub.add("nas"), try hub.add("phone"))
        let (nas, ada) = (nas, try hub.database.read { try $0.accounts()[0] })
        let point = try #require(SignatureKey(.edDSA, [0x58] + [UInt8](repeating: 0x66, count: 31)))
        (bob, passkey, otherSession, link, token) = try hub.database.write { db in
            let bob = try db.addAccount(email: "bob@example.org", passwordHash: "none", role: .viewer, by: .system, at: World.start)
            try db.setTOTP(.generate(), ofAccount: bob.id, usedStep: 0, by: .system, at: World.start)
            try db.addPasskey(
                ofAccount: ada.id, credentialID: [1], relyingParty: "example.org", key: point, counter: 0, name: "blue key", by: .system,
                at: World.start)
            return (
                bob, try db.passkeys(ofAccount: ada.id)[0],
                try db.startSession(provedBy: db.credentials(ofAccount: ada.id), address: "127.0.0.1", userAgent: "", at: World.start).session,
                try db.makeLink(toDevice: nas.id, by: .system, at: World.start),
                try db.addAPIToken(name: "old script", scopes: [.read], expiresAt: nil, owner: ada, by: .system, at: World.start).token
            )
        }
        change = try hub.database.change(by: .system, at: World.start) { db in
            try db.edit(nas.id, DeviceEdit(enabled: false))
            try db.awaitConfirmation(until: World.start.adding(seconds: 600))
            return db.generation
        }
        (self.hub, self.ada, browser) = (hub, ada, try hub.signedIn())
    }

    /// Sends a form with the session's token.
    func post(_ path: String, _ pairs: [(String, String)] = []) throws -> Answer {
        let token = try #require(try browser.get("/account").text.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1)
        return try browser.send("POST", path, fields: browser.postFields, pairs: pairs + [("csrf_token", String(token))])
    }

    func api(_ method: String, _ path: String, _ body: JSON? = nil) throws -> Answer {
        try hub.api(.read, .devices, .settings).send(method, path, body)
    }

    /// Replaces the hub by one that nobody has set up. Returns its set-up token.
    func startOver() throws -> String {
        hub = try TestSite(admin: nil)
        return try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
    }

    /// Adds an authenticator app to Ada's account without the pages.
    func giveApp() throws {
        try hub.database.write { try $0.setTOTP(.generate(), ofAccount: ada.id, usedStep: 0, by: .system, at: World.start) }
    }
}

/// Every route that changes something writes an audit entry with the name and the address of whoever did it.
@Suite struct `Every changing route` {
    typealias Scene = AuditedScene

    /// One use of a route, and the entry that it must leave.
    struct Deed: Sendable, CustomTestStringConvertible {
        let route: String
        let action: String
        var author = "ada@example.org"
        let perform: @Sendable (Scene) throws -> Answer
        var testDescription: String { "\(route): \(action)" }
    }

    /// Routes that change nothing which the log is about, or that need an authenticator; SecondFactorTests and the end-to-end tests use those.
    private static let silent: Set = [
        "POST /account/confirm", "POST /account/language", "POST /account/theme", "POST /login/language", "POST /devices/{id}/probe",
        "POST /reachability", "POST /api/v1/reachability", "POST /api/v1/devices/{id}/probe", "POST /account/confirm/passkey",
        "POST /account/passkeys/new", "POST /login/passkey", "POST /login/code", "POST /devices/columns",
        // They show what the next step would do.
        "POST /settings/data/import", "POST /settings/data/restore",
    ]

    private static func form(_ route: String, _ action: String, _ path: @escaping @Sendable (Scene) -> String, _ pairs: [(String, String)] = [])
        -> Deed
    {
        Deed(route: "POST \(route)", action: action) { try $0.post(path($0), pairs) }
    }

    private static func api(
        _ method: String, _ route: String, _ action: String, _ path: @escaping @Sendable (Scene) -> String, _ body: JSON? = nil
    ) -> Deed {
        Deed(route: "\(method) /api/v1\(route)", action: action, author: "token script") { try $0.api(method, path($0), body) }
    }

    private static let password = "a kettle of fresh snow"

    static let ofAccounts: [Deed] = [
        form("/account/passkeys/{id}/remove", "passkey.remove", { "/account/passkeys/\($0.passkey.id)/remove" }),
        form("/account/passkeys/{id}/rename", "passkey.rename", { "/account/passkeys/\($0.passkey.id)/rename" }, [("name", "red key")]),
        form(
            "/account/password", "admin.set_password", { _ in "/account/password" },
            [("current_password", `Signing in`.password), ("new_password", password)]),
        form("/account/recovery-codes", "recovery_codes.make", { _ in "/account/recovery-codes" }),
        form("/account/sessions/end-others", "session.end_others", { _ in "/account/sessions/end-others" }),
        form("/account/sessions/{id}/end", "session.end", { "/account/sessions/\($0.otherSession.id)/end" }),
        form("/account/tokens/new", "token.add", { _ in "/account/tokens/new" }, [("name", "new"), ("days", "9"), ("scope_read", "on")]),
        form("/account/tokens/{id}/revoke", "token.remove", { "/account/tokens/\($0.token.id)/revoke" }),
        Deed(route: "POST /account/totp/new", action: "totp.add") { scene in
            let page = try scene.browser.get("/account/totp/new").text
            let secret = try #require(page.firstMatch(of: /<code class="mono">([A-Z2-7 ]+)<\/code>/)?.1).filter { $0 != " " }
            let app = try #require(Base32.decode(secret).flatMap { TOTP(secret: $0) })
            return try scene.post("/account/totp/new", [("code", app.code(step: World.start.seconds / TOTP.period))])
        },
        Deed(route: "POST /account/totp/remove", action: "totp.remove") { scene in
            try scene.giveApp()
            return try scene.post("/account/totp/remove")
        },
        form("/admins/new", "admin.add", { _ in "/admins/new" }, [("email", "cora@example.org"), ("role", "viewer"), ("password", password)]),
        form("/admins/second-factors", "access.update", { _ in "/admins/second-factors" }, [("required", "on")]),
        form("/admins/{id}/disable", "admin.disable", { "/admins/\($0.bob.id)/disable" }),
        Deed(route: "POST /admins/{id}/enable", action: "admin.enable") { scene in
            try scene.hub.database.write { try $0.setDisabled(ofAccount: scene.bob.id, true, by: .system, at: World.start) }
            return try scene.post("/admins/\(scene.bob.id)/enable")
        },
        form("/admins/{id}/end-sessions", "session.end_all", { "/admins/\($0.bob.id)/end-sessions" }),
        form("/admins/{id}/remove", "admin.remove", { "/admins/\($0.bob.id)/remove" }),
        form("/admins/{id}/remove-second-factors", "second_factors.remove", { "/admins/\($0.bob.id)/remove-second-factors" }),
        form("/admins/{id}/role", "admin.set_role", { "/admins/\($0.bob.id)/role" }, [("role", "admin")]),
        form("/audit/retention", "access.update", { _ in "/audit/retention" }, [("days", "30")]),
        form("/logout", "logout", { _ in "/logout" }),
        Deed(route: "POST /login", action: "login") { scene in
            // With a second factor, the code and not the password would begin the session.
            try scene.hub.database.write { try $0.removeSecondFactors(ofAccount: scene.ada.id, by: .system, at: World.start) }
            return try Browsing(scene.hub.site).post("/login", ["email": scene.ada.email, "password": `Signing in`.password])
        },
        Deed(route: "POST /setup", action: "admin.add", author: "cora@example.org") { scene in
            let token = try scene.startOver()
            return try Browsing(scene.hub.site).post(
                "/setup", on: "/setup?token=\(token)", ["token": token, "email": "cora@example.org", "password": Self.password])
        },
    ]

    static let ofDevices: [Deed] = [
        form("/changes/{generation:number}/confirm", "change.confirm", { "/changes/\($0.change)/confirm" }),
        form("/changes/{generation:number}/revert", "change.revert", { "/changes/\($0.change)/revert" }),
        form("/devices", "device.add", { _ in "/devices" }, [("name", "new")]),
        Deed(route: "POST /devices/selected", action: "device.update") { scene in
            try scene.post("/devices/selected", [("action", "enable"), ("device", scene.nas.id)])
        },
        Deed(route: "POST /devices/selected/disable", action: "device.update") { scene in
            let page = try scene.post("/devices/selected", [("action", "disable"), ("device", scene.phone.id)]).text
            let digest = try #require(page.firstMatch(of: /name="selection" value="([^"]+)"/)?.1)
            return try scene.post("/devices/selected/disable", [("selection", String(digest)), ("device", scene.phone.id)])
        },
        Deed(route: "POST /devices/selected/delete", action: "device.remove") { scene in
            let page = try scene.post("/devices/selected", [("action", "delete"), ("device", scene.phone.id)]).text
            let digest = try #require(page.firstMatch(of: /name="selection" value="([^"]+)"/)?.1)
            return try scene.post("/devices/selected/delete", [("selection", String(digest)), ("device", scene.phone.id)])
        },
        form("/devices/{id}/delete", "device.remove", { "/devices/\($0.nas.id)/delete" }),
        form("/devices/{id}/disable", "device.update", { "/devices/\($0.phone.id)/disable" }),
        form("/devices/{id}/enable", "device.update", { "/devices/\($0.nas.id)/enable" }),
        form("/devices/{id}/links", "link.make", { "/devices/\($0.nas.id)/links" }, [("hours", "1")]),
        form("/devices/{id}/links/{link}/revoke", "link.revoke", { "/devices/\($0.nas.id)/links/\($0.link.link.id)/revoke" }),
        form("/devices/{id}/forget-time", "device.forget_time", { "/devices/\($0.nas.id)/forget-time" }),
        form("/devices/{id}/rotate-key", "device.replace_key", { "/devices/\($0.nas.id)/rotate-key" }),
        Deed(route: "POST /hand-over", action: "link.use", author: "link") { scene in
            let token = scene.link.token.reveal()
            return try Browsing(scene.hub.site).post("/hand-over", on: "/hand-over?token=\(token)", ["token": token])
        },
        form("/links", "device.update", { _ in "/links" }, [("a", "nas"), ("b", "phone"), ("do", "unlink")]),
        form("/settings/defaults", "defaults.update", { _ in "/settings/defaults" }, [("persistent_keepalive", "7")]),
        Deed(route: "POST /rules", action: "rules.update") {
            try $0.browser.upload("/rules", on: "/rules", ["step": "save"], files: ["rules": Array("deny from any to hub any".utf8)])
        },
        form("/settings/networks", "hub.update", { _ in "/settings/networks" }, [("network", "10.3.0.0/16, fd00::3:2:0/120")]),
        form("/settings/names", "hub.update", { _ in "/settings/names" }, [("domain", "example.org")]),
        form("/settings/{id}/edit", "device.update", { "/settings/\($0.nas.id)/edit" }, [("name", "cellar")]),
        Deed(route: "POST /welcome", action: "device.add") { try $0.post("/welcome", [("first", "one"), ("second", "two")]) },
        form("/devices/{id}/config", "device.fetch_config", { "/devices/\($0.nas.id)/config" }),
        form("/devices/{id}/qr", "device.fetch_config", { "/devices/\($0.nas.id)/qr" }),
        form("/devices/{id}/installed", "device.mark_installed", { "/devices/\($0.nas.id)/installed" }),
        form(
            "/settings/defaults/endpoint", "defaults.confirm_endpoint", { _ in "/settings/defaults/endpoint" },
            [("endpoint", "hub.example.org:51820")]),
    ]

    static let ofPrograms: [Deed] = [
        Deed(route: "POST /api/v1/changes/{generation:number}/revert", action: "change.revert", author: "token script") {
            try $0.api("POST", "/changes/\($0.change)/revert")
        },
        api("PATCH", "/defaults", "defaults.update", { _ in "/defaults" }, ["persistent_keepalive": 7]),
        api("PUT", "/rules", "rules.update", { _ in "/rules" }, ["rules": [["action": "deny", "to": "hub"]]]),
        api("PATCH", "/names", "hub.update", { _ in "/names" }, ["domain": "example.org"]),
        api("POST", "/devices", "device.add", { _ in "/devices" }, ["name": "new"]),
        api("PATCH", "/devices/{id}", "device.update", { "/devices/\($0.nas.id)" }, ["name": "cellar"]),
        api("DELETE", "/devices/{id}", "device.remove", { "/devices/\($0.nas.id)" }),
        api("POST", "/devices/{id}/forget-time", "device.forget_time", { "/devices/\($0.nas.id)/forget-time" }),
        api("POST", "/devices/{id}/rotate-key", "device.replace_key", { "/devices/\($0.nas.id)/rotate-key" }),
        api("POST", "/links", "device.update", { _ in "/links" }, ["a": "nas", "b": "phone", "linked": false]),
        api("POST", "/devices/{id}/installed", "device.mark_installed", { "/devices/\($0.nas.id)/installed" }),
    ]

    private static let passphrase = "four words in a row"

    /// A timed link of two devices that do not reach each other otherwise. Returns its id.
    private static func timedLink(_ scene: Scene) throws -> String {
        for name in ["lab", "printer"] { try scene.hub.add(name, reaching: []) }
        _ = try scene.post("/links", [("a", "lab"), ("b", "printer"), ("do", "link"), ("duration", "7200")])
        return try #require(try scene.hub.database.read { try $0.timedLinks() }.first).id
    }

    static let ofTimedLinks: [Deed] = [
        form("/links/ask", "link_request.ask", { _ in "/links/ask" }, [("a", "nas"), ("b", "phone"), ("duration", "7200"), ("reason", "repair")]),
        Deed(route: "POST /links/requests/{id}/refuse", action: "link_request.refuse") { scene in
            let request = try scene.hub.database.write {
                try $0.askForLink(
                    of: scene.nas, and: scene.phone, forSeconds: 7200, reason: "repair", account: scene.bob.id, by: .system, at: World.start)
            }
            return try scene.post("/links/requests/\(request.id)/refuse")
        },
        Deed(route: "POST /links/timed/{id}/end", action: "timed_link.end") { try $0.post("/links/timed/\(timedLink($0))/end") },
        Deed(route: "POST /links/timed/{id}/extend", action: "timed_link.extend") {
            try $0.post("/links/timed/\(timedLink($0))/extend", [("duration", "86400")])
        },
        Deed(route: "POST /links/unused", action: "device.update") { scene in
            let revision = "\(try scene.hub.device(scene.nas.id).revision)"
            return try scene.post("/links/unused", [("device", scene.nas.id), ("list", "10.3.2.3/32"), ("revision", revision)])
        },
    ]

    private static func expectation(_ scene: Scene) throws -> String {
        try scene.hub.database.write {
            try $0.addExpectation(
                from: .device(scene.nas.id), to: .device(scene.phone.id), isReached: false, by: .system, at: World.start
            ).id
        }
    }

    static let ofExpectations: [Deed] = [
        form("/expectations", "expectation.add", { _ in "/expectations" }, [("from", "nas"), ("rule", "never"), ("to", "phone")]),
        Deed(route: "POST /expectations/{id}/remove", action: "expectation.remove") { try $0.post("/expectations/\(expectation($0))/remove") },
        api("POST", "/expectations", "expectation.add", { _ in "/expectations" }, ["from": "nas", "rule": "never", "to": "phone"]),
        Deed(route: "DELETE /api/v1/expectations/{id}", action: "expectation.remove", author: "token script") {
            try $0.api("DELETE", "/expectations/\(expectation($0))")
        },
    ]

    static let ofData: [Deed] = [
        form("/settings/data/backup", "database.backup", { _ in "/settings/data/backup" }, [("passphrase", passphrase), ("repeated", passphrase)]),
        form("/settings/data/server-file", "hub.export", { _ in "/settings/data/server-file" }),
        Deed(route: "POST /settings/data/import/confirm", action: "device.add") { scene in
            let file =
                "[Interface]\nPrivateKey = \(PrivateKey.generate().revealBase64())\nAddress = 10.3.2.1/24\n"
                + "[Peer]\nPublicKey = \(PrivateKey.generate().publicKey.base64)\nAllowedIPs = 10.3.2.9/32\n"
            let page = try scene.browser.upload("/settings/data/import", on: "/settings/data", files: ["peers": Array(file.utf8)])
            #expect(page.status == 200, "\(page.text.prefix(2_000))")
            let generation = "\(try scene.hub.database.read { try $0.generation().desired })"
            return try scene.post("/settings/data/import/confirm", [("generation", generation)])
        },
        Deed(route: "POST /settings/data/restore/confirm", action: "database.restore") { scene in
            let backup = try scene.post("/settings/data/backup", [("passphrase", passphrase), ("repeated", passphrase)]).bytes
            let page = try scene.browser.upload(
                "/settings/data/restore", on: "/settings/data", ["backup_passphrase": passphrase], files: ["backup": backup])
            #expect(page.status == 200, "\(page.text.prefix(2_000))")
            return try scene.post("/settings/data/restore/confirm")
        },
    ]

    static let all = ofAccounts + ofDevices + ofPrograms + ofTimedLinks + ofExpectations + ofData

    @Test func `is tried here or changes nothing`() {
        let changing = Set(RouteListing.all.filter { !$0.method.isSafe }.map { "\($0.method.rawValue) \($0.pattern)" })
        let tried = Set(Self.all.map(\.route))
        #expect(changing.subtracting(tried).subtracting(Self.silent).sorted() == [])
        #expect(tried.union(Self.silent).subtracting(changing).filter { !$0.hasPrefix("GET ") }.sorted() == [])
        #expect(tried.intersection(Self.silent) == [])
    }

    @Test(arguments: all)
    func `leaves an entry with its author, and no secret in the log`(deed: Deed) throws {
        let scene = try Scene()
        let answer = try deed.perform(scene)
        #expect((200...399).contains(answer.status), "\(answer.status) \(answer.text.prefix(2_000))")
        #expect(answer.location?.hasPrefix("/account/confirm") != true)
        let entries = try scene.hub.database.read { try $0.auditEntries(limit: 100) }
        // The scene was made by the hub itself.
        let own = entries.filter { $0.author.name != "system" }
        let entry = try #require(own.first { $0.action == deed.action }, "only \(own.map(\.action))")
        #expect(entry.author.name == deed.author)
        #expect(entry.author.address == "127.0.0.1")

        let log = entries.map { "\($0.before ?? "") \($0.after ?? "") \($0.target)" }.joined()
        for secret in answer.text.matches(of: /PrivateKey = (\S+)|hub_(api|link|session)_\w+/) { #expect(!log.contains(secret.0.suffix(43))) }
        #expect(!log.contains(Self.password))
        #expect(!log.contains(scene.link.token.reveal()))
    }
}
