// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import HTTP
import Store
import Testing

@testable import Portal

@Suite struct `The password gate` {
    @Test func `admits two, lets eight wait, and tells the next to try again later`() throws {
        let gate = PasswordGate()
        let (entered, leave, left) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        for _ in 0..<10 {
            Thread.detachNewThread {
                try? gate.pass(as: .known) {
                    entered.signal()
                    leave.wait()
                }
                left.signal()
            }
        }
        for _ in 0..<2 { entered.wait() }
        for _ in 0..<20_000 where gate.count < 10 { Thread.sleep(forTimeInterval: 0.001) }
        #expect(gate.count == 10)
        #expect(entered.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        let error = #expect(throws: HTTPError.self) { try gate.pass(as: .known) {} }
        #expect(error?.status == .serviceUnavailable && error?.fields["Retry-After"] == "5")
        for _ in 0..<10 { leave.signal() }
        for _ in 0..<10 { left.wait() }
        #expect(try gate.pass(as: .known) { true })
    }
}

@Suite struct `Signing in` {
    static let password = "green tea at four"
    static let hash = PasswordHash.make(password) ?? ""

    private func hub() throws -> TestSite { try TestSite(passwordHash: Self.hash) }

    private func signIn(_ browser: Browsing, email: String = "ada@example.org", password: String = Self.password, next: String = "") throws -> Answer
    {
        try browser.post("/login", ["email": email, "password": password, "next": next])
    }

    @Test func `starts a session and leads to the devices`() throws {
        let browser = Browsing(try hub().site)
        let answer = try signIn(browser)
        #expect(answer.status == 303)
        #expect(answer.location == "/devices")
        let cookie = try #require(answer.response.fields.all("Set-Cookie").first { $0.hasPrefix("sid=") })
        #expect(cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Strict"))
        #expect(try browser.get("/devices").status == 200)
    }

    @Test func `gives every sign-in a new token and ends the previous session`() throws {
        let hub = try hub()
        let browser = Browsing(hub.site)
        _ = try signIn(browser)
        let first = try #require(browser.cookies["sid"])
        _ = try signIn(browser)
        #expect(browser.cookies["sid"] != first)
        #expect(try Browsing(hub.site, cookies: ["sid": first]).get("/devices").status == 303)
    }

    @Test func `answers an unknown address and a wrong password alike, and keeps the address`() throws {
        let hub = try hub()
        let wrong = try signIn(Browsing(hub.site), password: "blue tea at four")
        let unknown = try signIn(Browsing(hub.site), email: "eve@example.org")
        for answer in [wrong, unknown] {
            #expect(answer.status == 422)
            #expect(answer.text.contains("The email address or the password is wrong."))
            #expect(!answer.text.contains("tea at four"))
        }
        #expect(unknown.text.contains("value=\"eve@example.org\""))
    }

    @Test func `is slowed down after five wrong guesses, but not for a browser that was signed in`() throws {
        let hub = try hub()
        let known = Browsing(hub.site)
        _ = try signIn(known)
        known.cookies["sid"] = nil
        let stranger = Browsing(hub.site)
        for _ in 0..<5 { #expect(try signIn(stranger, password: "wrong wrong wrong").status == 422) }
        let sixth = try signIn(stranger)
        #expect(sixth.status == 429)
        #expect(sixth.response.fields["Retry-After"] == "1")
        #expect(try signIn(known).status == 303)
        hub.world.advance(seconds: 2)
        #expect(try signIn(stranger).status == 303)
    }

    /// The audit log is kept, and viewers read it. People type passwords into the wrong field.
    @Test(arguments: [
        ("oolong at midnight", "admin/not an address"), ("p@ssword", "admin/not an address"), ("a@b@c.org", "admin/not an address"),
        ("Eve@example.org", "admin/Eve@example.org"), ("ADA@localhost", "admin/ada@localhost"),
    ])
    func `records what was typed as the address only if it is one`(typed: String, target: String) throws {
        let hub = try TestSite(admin: "ada@localhost", passwordHash: Self.hash)
        #expect(try signIn(Browsing(hub.site), email: typed, password: "wrong wrong wrong").status == 422)
        let entry = try hub.database.read { try $0.auditEntries(limit: 1) }.first
        #expect(entry?.action == "login.refused" && entry?.target == target)
    }

    /// Attempts that cost no password hash must not be able to fill the disk.
    @Test func `with invalid passkeys is slowed down, and then writes no audit entries`() throws {
        let hub = try TestSite()
        let browser = Browsing(hub.site)
        let junk = ["credential": "AAAA", "client_data": "AAAA", "authenticator_data": "AAAA", "signature": "AAAA", "next": "/status"]
        for _ in 0..<5 { #expect(try browser.post("/login/passkey", on: "/login", junk).status == 422) }
        for _ in 0..<5 {
            let answer = try browser.post("/login/passkey", on: "/login", junk)
            #expect(answer.status == 429)
            #expect(answer.response.fields["Retry-After"] == "1")
        }
        #expect(try hub.database.read { try $0.auditEntries(limit: 50) }.count { $0.action == "login.refused" } == 5)
    }

    @Test func `is slowed down in the same way when confirmed by passkeys`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn(role: .viewer)
        hub.world.advance(seconds: 400)
        let junk = ["credential": "AAAA", "client_data": "AAAA", "authenticator_data": "AAAA", "signature": "AAAA", "next": "/status"]
        let page = "/account/confirm"
        for _ in 0..<5 { #expect(try browser.post("\(page)/passkey", on: page, junk).status == 422) }
        #expect(try browser.post("\(page)/passkey", on: page, junk).status == 429)
        #expect(try hub.database.read { try $0.auditEntries(limit: 50) }.count { $0.action == "confirm.refused" } == 5)
    }

    @Test(arguments: [
        ("/status", "/status"), ("/devices?q=nas", "/devices?q=nas"), ("//evil.example", "/devices"), ("/\\evil.example", "/devices"),
        ("https://evil.example", "/devices"), ("/a\r\nSet-Cookie: x=1", "/devices"), ("", "/devices"),
    ])
    func `leads only to paths of this site`(next: String, location: String) {
        #expect(SignInPage.localPath(next) == location)
    }

    @Test func `starts a session that signing out ends on the hub`() throws {
        let hub = try hub()
        let browser = try hub.signedIn()
        let sid = browser.cookies["sid"]
        let answer = try browser.post("/logout", on: "/devices")
        #expect(answer.location == "/login")
        #expect(answer.response.fields["Clear-Site-Data"] == "\"cache\", \"storage\"")
        #expect(browser.cookies["sid"] == nil)
        #expect(try Browsing(hub.site, cookies: ["sid": sid ?? ""]).get("/devices").status == 303)
    }
}

@Suite struct `A new password` {
    @Test(arguments: ["password1234", "123456789012", "qwertyuiopas", "aaaaaaaaaaaa", "abcabcabcabc", "ada@example.org1", "berlinhub123"])
    func `is refused if it is easy to guess`(password: String) {
        #expect(PasswordRules.problem(password, context: ["ada@example.org", "berlinhub"]) != nil)
    }

    @Test(arguments: ["green tea at four", "日本語のパスワードですよね", "  spaces count  ", String(repeating: "xy3-", count: 3) + "end of it"])
    func `may contain any character`(password: String) {
        #expect(PasswordRules.problem(password, context: ["ada@example.org"]) == nil)
    }

    @Test func `ends the other sessions and gives this one a new token`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let (browser, other) = (try hub.signedIn(), try hub.signedIn())
        let before = browser.cookies["sid"]
        let answer = try browser.post(
            "/account/password", on: "/account", ["current_password": `Signing in`.password, "new_password": "black tea at five"])
        #expect(answer.status == 303)
        #expect(browser.cookies["sid"] != before)
        #expect(try browser.get("/devices").status == 200)
        #expect(try other.get("/devices").status == 303)
    }

    @Test func `asks for the current one`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let answer = try hub.signedIn().post("/account/password", on: "/account", ["current_password": "wrong", "new_password": "black tea at five"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("This is not your password."))
    }
}

@Suite struct `Admins` {
    @Test func `cannot disable or remove the last one`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let id = try hub.database.read { try $0.accounts()[0].id }
        #expect(try browser.post("/admins/\(id)/disable", on: "/admins/\(id)").status == 409)
        #expect(try browser.post("/admins/\(id)/remove", on: "/admins/\(id)").status == 409)
        #expect(try browser.post("/admins/\(id)/role", on: "/admins/\(id)", ["role": "viewer"]).status == 409)
        #expect(try browser.get("/devices").status == 200)
    }

    @Test func `are added by admins, with the role they are to have`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let form = ["email": "bob@example.org", "password": "oolong at midnight", "role": "viewer"]
        #expect(try browser.post("/admins/new", form.merging(["password": "short"]) { $1 }).status == 422)
        #expect(try browser.post("/admins/new", form).status == 303)
        let bob = try #require(try hub.database.read { try $0.account(email: "bob@example.org") })
        #expect(bob.role == .viewer)
        #expect(try browser.post("/admins/\(bob.id)/role", on: "/admins/\(bob.id)", ["role": "admin"]).status == 303)
        #expect(try hub.database.read { try $0.account(bob.id).role } == .admin)
        #expect(try browser.get("/admins").text.contains("bob@example.org"))
    }

    @Test func `can end the sessions of another account`() throws {
        let hub = try TestSite()
        let (browser, other) = (try hub.signedIn(), try hub.signedIn(role: .viewer))
        let eve = try #require(try hub.database.read { try $0.account(email: "eve@example.org") })
        #expect(try browser.post("/admins/\(eve.id)/end-sessions", on: "/admins/\(eve.id)").status == 303)
        #expect(try other.get("/devices").status == 303)
        #expect(try browser.get("/devices").status == 200)
    }

    @Test func `see a new token once, in their own session`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let form = ["name": "backup", "scope_read": "on", "days": "90"]
        #expect(try browser.post("/account/tokens/new", form.merging(["scope_read": "off"]) { $1 }).status == 422)
        #expect(try browser.post("/account/tokens/new", form).status == 303)
        let token = try #require(try browser.get("/account").text.firstMatch(of: /hub_api_[0-9A-Za-z]{49}/)?.0)
        #expect(try APIClient(hub.site, token: String(token)).send("GET", "/status").status == 200)
        #expect(try APIClient(hub.site, token: String(token)).send("PATCH", "/defaults", [:]).status == 403)
        #expect(try hub.signedIn().get("/account").text.contains(token) == false)
        hub.world.advance(seconds: 601)
        #expect(try browser.get("/account").text.contains(token) == false)
    }

    @Test func `see a new token only while they are confirmed, and only as admins`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn(email: "bob@example.org")
        #expect(try browser.post("/account/tokens/new", ["name": "backup", "scope_read": "on", "days": "90"]).status == 303)
        hub.world.advance(seconds: 301)
        let hint = "/account/confirm?next=%2Faccount"
        var page = try browser.get("/account").text
        #expect(!page.contains(/hub_api_[0-9A-Za-z]{49}/) && page.contains(hint))
        try hub.database.write {
            let bob = try #require(try $0.account(email: "bob@example.org"))
            let session = try #require(try $0.sessions(ofAccount: bob.id, at: World.start.adding(seconds: 301)).first)
            try $0.confirmSession(session.id, at: World.start.adding(seconds: 301))
        }
        #expect(try browser.get("/account").text.contains(/hub_api_[0-9A-Za-z]{49}/))
        try hub.database.write {
            try $0.setRole(ofAccount: #require(try $0.account(email: "bob@example.org")).id, .viewer, by: .system, at: World.start)
        }
        page = try browser.get("/account").text
        #expect(!page.contains(/hub_api_[0-9A-Za-z]{49}/) && !page.contains(hint))
    }
}
