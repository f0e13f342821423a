// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Store
import Testing

@testable import Portal

@Suite struct `What was typed into a form` {
    let hub: TestSite
    let device: Device
    let browser: Browsing

    init() throws {
        hub = try TestSite(passwordHash: `Signing in`.hash)
        device = try hub.add("nas")
        browser = Browsing(hub.site)
        #expect(try browser.post("/login", signIn()).status == 303)
    }

    private func signIn(_ more: [String: String] = [:]) -> [String: String] {
        ["email": "ada@example.org", "password": `Signing in`.password].merging(more) { $1 }
    }

    private var path: String { "/settings/\(device.id)/edit" }

    private func token(_ page: Answer) throws -> String {
        try String(#require(page.text.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1))
    }

    /// Sends the edit form of a page that was opened before the session changed.
    private func save(_ page: Answer, _ values: [String: String] = [:]) throws -> Answer {
        let form = ["name": "nas", "description": "behind the stairs", "csrf_token": try token(page)].merging(values) { $1 }
        return try browser.send("POST", path, fields: browser.postFields, form: form)
    }

    private func held(_ page: Answer) throws -> String { try String(#require(page.text.firstMatch(of: /name="held" value="([^"]+)"/)?.1)) }

    @Test func `is shown again after the session has ended and the user signs in on the same page`() throws {
        let page = try browser.get(path)
        hub.world.advance(seconds: 1_801)
        let answer = try save(page)
        #expect(answer.status == 403)
        #expect(answer.text.contains("Your session has ended, so nothing is saved yet. Your entries are kept: sign in to go on with them."))
        let sealed = try held(answer)
        #expect(!answer.text.contains("behind the stairs") && !sealed.contains("stairs"))
        let wrong = try browser.send(
            "POST", "/login", fields: browser.postFields, form: signIn(["password": "wrong", "held": sealed, "csrf_token": token(answer)]))
        #expect(wrong.status == 422)
        let entered = try browser.send(
            "POST", "/login", fields: browser.postFields, form: signIn(["held": held(wrong), "csrf_token": token(wrong)]))
        #expect(entered.location == "/held-form")
        let again = try browser.get("/held-form")
        #expect(again.text.contains("Nothing is saved yet. Your entries are kept: check them and save again."))
        #expect(again.text.contains("action=\"\(path)\"") && again.text.contains("value=\"behind the stairs\""))
        #expect(try hub.device(device.id).description.isEmpty)
        #expect(try save(again).status == 303)
        #expect(try hub.device(device.id).description == "behind the stairs")
    }

    @Test func `is shown again after a sign-in with a second factor`() throws {
        let app = TOTP.generate()
        let account = try hub.database.read { try $0.accounts()[0] }
        let now = hub.world.now.withLock { $0 }
        try hub.database.write { try $0.setTOTP(app, ofAccount: account.id, usedStep: 0, by: .system, at: now) }
        // A browser is known again once it signed in with the new factor.
        _ = try browser.post("/login", signIn())
        _ = try browser.post("/login/code", on: "/login/code", ["code": app.code(step: now.seconds / TOTP.period)])
        let page = try browser.get(path)
        hub.world.advance(seconds: 1_801)
        let answer = try save(page)
        let step = try browser.send(
            "POST", "/login", fields: browser.postFields, form: signIn(["held": held(answer), "csrf_token": token(answer)]))
        #expect(step.location?.hasPrefix("/login/code") == true)
        let code = app.code(step: hub.world.now.withLock { $0 }.seconds / TOTP.period)
        #expect(try browser.post("/login/code", on: "/login/code", ["code": code]).location == "/held-form")
        #expect(try browser.get("/held-form").text.contains("value=\"behind the stairs\""))
    }

    @Test func `is shown again with a new token, if the page was from an earlier session`() throws {
        let page = try browser.get(path)
        #expect(try browser.post("/logout", on: "/devices").status == 303)
        #expect(try browser.post("/login", signIn()).status == 303)
        let answer = try save(page, ["allowed_ips_source": "custom", "allowed_ips": "10.3.2.7"])
        #expect(answer.status == 403)
        #expect(answer.text.contains("This page was from an earlier session, so nothing is saved yet."))
        #expect(answer.text.contains("value=\"behind the stairs\"") && answer.text.contains("\n10.3.2.7</textarea>"))
        #expect(try hub.device(device.id) == device)
        #expect(try save(answer).status == 303)
        #expect(try hub.device(device.id).description == "behind the stairs")
    }

    @Test(arguments: [
        ("/settings/defaults", "dns", "9.9.9.9"), ("/devices/new", "name", "tower"), ("/settings/networks", "network", "10.3.0.0/16"),
        ("/links", "a", "nas"), ("/account/tokens/new", "name", "backup"), ("/admins/new", "email", "bob@example.org"),
    ])
    func `is kept on every page with a form`(page: String, field: String, value: String) throws {
        try hub.add("laptop")
        let form = try browser.get(page)
        let action = try String(#require(form.text.matches(of: /<form [^>]*method="post" action="([^"]+)" class="form"/).first?.1))
        #expect(try browser.post("/logout", on: "/devices").status == 303)
        #expect(try browser.post("/login", signIn()).status == 303)
        let answer = try browser.send("POST", action, fields: browser.postFields, form: [field: value, "csrf_token": token(form)])
        #expect(answer.status == 403)
        #expect(answer.text.contains("nothing is saved yet"))
        #expect(answer.text.contains("value=\"\(value)\"") || answer.text.contains("\n\(value)</textarea>"), "\(answer.text)")
    }

    @Test func `is kept without passwords and preshared keys`() throws {
        let key = PresharedKey.generate().revealBase64()
        let page = try browser.get(path)
        #expect(try browser.post("/logout", on: "/devices").status == 303)
        #expect(try browser.post("/login", signIn()).status == 303)
        let answer = try save(page, ["preshared_key": key])
        #expect(answer.text.contains("value=\"behind the stairs\"") && !answer.text.contains(key))
        #expect(answer.text.contains("Type passwords and preshared keys again."))
        let form = try Request(text: "POST \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let kept = HeldForm(form, Inputs(["name": "nas", "preshared_key": key, "csrf_token": "1"]))
        #expect(kept.inputs.values == ["name": "nas"] && kept.lacksSecrets)
    }

    @Test func `does nothing until it is sent again, also where a button has no page of its own`() throws {
        let page = try browser.get("/devices/\(device.id)")
        #expect(try browser.post("/logout", on: "/devices").status == 303)
        #expect(try browser.post("/login", signIn()).status == 303)
        let disable = "/devices/\(device.id)/disable"
        let answer = try browser.send("POST", disable, fields: browser.postFields, form: ["csrf_token": token(page)])
        #expect(answer.status == 403 && answer.text.contains("Send this form again?"))
        #expect(try hub.device(device.id).enabled)
        #expect(try browser.send("POST", disable, fields: browser.postFields, form: ["csrf_token": token(answer)]).status == 303)
        #expect(try !hub.device(device.id).enabled)
    }

    @Test func `is kept while the user confirms that it is them`() throws {
        let page = try browser.get("/account/tokens/new")
        hub.world.advance(seconds: 301)
        let answer = try browser.send(
            "POST", "/account/tokens/new", fields: browser.postFields,
            form: ["name": "backup", "days": "30", "scope_read": "on", "csrf_token": token(page)])
        #expect(answer.location == "/account/confirm?next=%2Fheld-form")
        let next = ["password": `Signing in`.password, "next": "/held-form"]
        #expect(try browser.post("/account/confirm", on: "/account/confirm", next).location == "/held-form")
        #expect(try browser.get("/held-form").text.contains("value=\"backup\""))
    }

    @Test func `opens only for the same browser and account, and not for long`() throws {
        let page = try browser.get(path)
        hub.world.advance(seconds: 1_801)
        let answer = try save(page)
        let sealed = try held(answer)
        let stranger = Browsing(hub.site)
        #expect(try stranger.post("/login", signIn(["held": sealed])).location == "/devices")
        let now = hub.world.now.withLock { $0 }
        let id = try String(#require(browser.cookies["browser"]?.split(separator: ".").first))
        #expect(HeldForm(sealed: sealed, for: id, in: hub.site, at: now) != nil)
        #expect(HeldForm(sealed: sealed, for: String(id.reversed()), in: hub.site, at: now) == nil)
        #expect(HeldForm(sealed: sealed, for: nil, in: hub.site, at: now) == nil)
        #expect(HeldForm(sealed: sealed, for: id, in: hub.site, at: now.adding(seconds: HeldForm.lifetime + 1)) == nil)
        #expect(HeldForm(sealed: String(sealed.reversed()), for: id, in: hub.site, at: now) == nil)
    }

    @Test func `is not kept for strangers and foreign pages, nor if it is longer than fits`() throws {
        let page = try browser.get(path)
        hub.world.advance(seconds: 1_801)
        let form = ["description": "x", "csrf_token": try token(page)]
        #expect(
            try Browsing(hub.site).send("POST", path, fields: browser.postFields, form: form).location == "/login?next=\(PageAddress.encoded(path))")
        let foreign = try browser.send("POST", path, fields: ["Origin: http://evil.example"], form: form)
        #expect(foreign.status == 303 && foreign.location?.hasPrefix("/login") == true)
        let long = HeldForm(try Request(text: "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"), Inputs(["a": String(repeating: "x", count: 24_576)]))
        #expect(long.sealed(for: "browser", in: hub.site, at: World.start) == nil)
    }
}
