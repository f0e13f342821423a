// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Store
import Support
import Testing
import WebAuthn

@testable import Portal

/// The user Ada, with an authenticator app whose secret the test knows.
private final class Ada {
    let hub: TestSite
    let account: Account
    private(set) var app = TOTP.generate()

    init() throws {
        hub = try TestSite(passwordHash: `Signing in`.hash)
        account = try hub.database.read { try $0.accounts()[0] }
    }

    var now: Int64 { hub.world.now.withLock { $0.seconds } }
    var appCode: String { app.code(step: now / TOTP.period) }

    /// Signs in and adds the app through the pages. Returns the browser and the recovery codes that the pages showed.
    func addApp() throws -> (browser: Browsing, codes: [String]) {
        let browser = try hub.signedIn()
        let page = try browser.get("/account/totp/new").text
        let secret = try #require(page.firstMatch(of: /<code class="mono">([A-Z2-7 ]+)<\/code>/)?.1).filter { $0 != " " }
        let app = try #require(Base32.decode(secret).flatMap { TOTP(secret: $0) })
        let answer = try browser.post("/account/totp/new", ["code": app.code(step: now / TOTP.period)])
        #expect(answer.location == "/account/recovery-codes?done=factors")
        let codes = try browser.get("/account/recovery-codes").text.matches(of: /[A-Z2-7]{4}(-[A-Z2-7]{4}){3}/).map { String($0.0) }
        hub.world.advance(seconds: TOTP.period)
        self.app = app
        return (browser, codes)
    }

    /// A browser that gave the password and still needs the second factor.
    func halfway() throws -> Browsing {
        let browser = Browsing(hub.site)
        let answer = try browser.post("/login", ["email": account.email, "password": `Signing in`.password, "next": "/status"])
        #expect(answer.location == "/login/code?next=%2Fstatus")
        return browser
    }
}

@Suite struct `An authenticator app` {
    @Test func `is added with a code, ends the other sessions and gives this one a new token`() throws {
        let ada = try Ada()
        let other = try ada.hub.signedIn()
        let (browser, codes) = try ada.addApp()
        #expect(try browser.get("/account").status == 200)
        #expect(try other.get("/devices").status == 303)
        #expect(codes.count == 10)
        #expect(try ada.hub.database.read { try $0.accounts()[0].hasSecondFactor })
    }

    @Test func `is not added with a wrong code, and keeps its secret until it is added`() throws {
        let ada = try Ada()
        let browser = try ada.hub.signedIn()
        let secret = { (page: String) in page.firstMatch(of: /secret=([A-Z2-7]{32})&amp;/)?.1 }
        let before = try secret(browser.get("/account/totp/new").text)
        let answer = try browser.post("/account/totp/new", ["code": "000000"])
        #expect(answer.status == 422)
        #expect(before != nil)
        #expect(secret(answer.text) == before)
        #expect(try !ada.hub.database.read { try $0.accounts()[0].hasSecondFactor })
    }

    @Test func `is asked for after the password, which alone opens nothing`() throws {
        let ada = try Ada()
        _ = try ada.addApp()
        let browser = try ada.halfway()
        #expect(browser.cookies["sid"] == nil)
        #expect(try browser.get("/devices").status == 303)
        let answer = try browser.post("/login/code", ["code": ada.appCode, "next": "/status"])
        #expect(answer.location == "/status")
        #expect(try browser.get("/status").status == 200)
        #expect(browser.cookies["login"] == nil)
        let entry = try ada.hub.database.read { try $0.auditEntries(limit: 1) }.first
        #expect(entry?.action == "login")
        #expect(entry?.after == #"{"with":"password and app code"}"#)
    }

    @Test func `accepts each code once, also from another browser`() throws {
        let ada = try Ada()
        _ = try ada.addApp()
        let (first, second) = (try ada.halfway(), try ada.halfway())
        let code = ada.appCode
        #expect(try first.post("/login/code", ["code": code]).status == 303)
        #expect(try second.post("/login/code", ["code": code]).status == 422)
    }

    @Test func `is slowed down after five wrong codes`() throws {
        let ada = try Ada()
        _ = try ada.addApp()
        let browser = try ada.halfway()
        for _ in 0..<5 { #expect(try browser.post("/login/code", ["code": "000000"]).text.contains("This code is wrong")) }
        let tooSoon = try browser.post("/login/code", ["code": ada.appCode])
        #expect(tooSoon.status == 429)
        #expect(tooSoon.response.fields["Retry-After"] == "1")
        #expect(tooSoon.text.contains("Too many attempts."))
        ada.hub.world.advance(seconds: 30)
        #expect(try browser.post("/login/code", ["code": ada.appCode]).status == 303)
    }

    @Test func `is expected for ten minutes after the password, and never without it`() throws {
        let ada = try Ada()
        _ = try ada.addApp()
        let browser = try ada.halfway()
        ada.hub.world.advance(seconds: 600)
        #expect(try browser.get("/login/code").location == "/login")
        #expect(try Browsing(ada.hub.site).get("/login/code").location == "/login")
    }

    @Test func `is replaced by a recovery code, once`() throws {
        let ada = try Ada()
        let (_, codes) = try ada.addApp()
        let code = codes[3].lowercased().replacing("-", with: " ")
        #expect(try ada.halfway().post("/login/code", ["code": code]).status == 303)
        #expect(try ada.halfway().post("/login/code", ["code": code]).status == 422)
        #expect(try ada.hub.database.read { try $0.secondFactors(ofAccount: ada.account.id).recoveryCodesLeft } == 9)
        #expect(try ada.hub.database.read { try $0.auditEntries(limit: 20) }.contains { $0.action == "recovery_codes.use" })
    }

    @Test func `confirms like the password`() throws {
        let ada = try Ada()
        let (browser, _) = try ada.addApp()
        ada.hub.world.advance(seconds: 400)
        #expect(try browser.get("/account/recovery-codes").location == "/account/confirm?next=%2Faccount%2Frecovery-codes")
        let answer = try browser.post("/account/confirm", ["code": ada.appCode, "next": "/account/recovery-codes"])
        #expect(answer.location == "/account/recovery-codes")
        #expect(try browser.get("/account/recovery-codes").status == 200)
    }

    @Test func `is removed again, with its recovery codes`() throws {
        let ada = try Ada()
        let (browser, _) = try ada.addApp()
        let page = try browser.get("/account").text
        #expect(!page.contains("action=\"/account/totp/remove\"") && page.contains("href=\"/account/totp/remove\""))
        let question = try browser.get("/account/totp/remove").text
        #expect(question.contains("It is your last second factor: the password alone then signs you in"))
        #expect(try browser.post("/account/totp/remove", on: "/account/totp/remove").status == 303)
        #expect(try browser.get("/account/totp/remove").status == 404)
        let left = try ada.hub.database.read { try $0.secondFactors(ofAccount: ada.account.id) }
        #expect(!left.isSet)
        #expect(left.recoveryCodesLeft == 0)
        #expect(try Browsing(ada.hub.site).post("/login", ["email": ada.account.email, "password": `Signing in`.password]).location == "/devices")
    }

    @Test func `keeps its recovery codes when another factor goes`() throws {
        let ada = try Ada()
        let (browser, codes) = try ada.addApp()
        let point = try #require(SignatureKey(.edDSA, [0x58] + [UInt8](repeating: 0x66, count: 31)))
        let passkey = try ada.hub.database.write {
            try $0.addPasskey(
                ofAccount: ada.account.id, credentialID: [1], relyingParty: "example.org", key: point, counter: 0, name: "key", by: .system,
                at: World.start)
            return try $0.passkeys(ofAccount: ada.account.id)[0]
        }
        #expect(try browser.post("/account/passkeys/\(passkey.id)/remove", on: "/account").location == "/account?done=factors")
        #expect(try ada.hub.database.read { try $0.passkeys(ofAccount: ada.account.id) }.isEmpty)
        #expect(try ada.halfway().post("/login/code", ["code": codes[0]]).status == 303)
        #expect(try ada.hub.database.read { try $0.secondFactors(ofAccount: ada.account.id).recoveryCodesLeft } == 9)
    }

    @Test func `hides its secret in the database and the audit log`() throws {
        let ada = try Ada()
        let (browser, codes) = try ada.addApp()
        let log = try browser.get("/audit").text
        #expect(!log.contains(ada.app.revealBase32()))
        for code in codes { #expect(!log.contains(code)) }
    }
}

@Suite struct `A passkey of an account` {
    @Test func `is renamed by its owner only`() throws {
        let vector = PasskeyVector.ed25519
        let made = try Ceremony(relyingParty: "example.org", origin: "https://example.org") { _ in true }
            .registered(clientData: vector.registrationClientData, attestationObject: vector.attestationObject)
        let credential = try #require(made.credential)
        let hub = try TestSite()
        let ada = try hub.database.read { try $0.accounts()[0] }
        let passkey = try hub.database.write {
            try $0.addPasskey(
                ofAccount: ada.id, credentialID: credential.id, relyingParty: "example.org", key: credential.key, counter: 0, name: "blue key",
                by: .system, at: World.start)
            return try $0.passkeys(ofAccount: ada.id)[0]
        }
        let name = { try hub.database.read { try $0.passkeys(ofAccount: ada.id)[0].name } }
        let (browser, address) = (try hub.signedIn(), "/account/passkeys/\(passkey.id)/rename")
        #expect(try browser.post(address, on: "/account", ["name": "key of the safe"]).location == "/account?done=saved")
        #expect(try name() == "key of the safe")
        #expect(try browser.get("/account").text.contains(">key of the safe<"))
        #expect(try browser.post(address, on: "/account", ["name": " "]).status == 422)
        #expect(try hub.signedIn(role: .viewer).post(address, on: "/account", ["name": "mine"]).status == 404)
        #expect(try name() == "key of the safe")
        let entry = try hub.database.read { try $0.auditEntries(limit: 9) }.first { $0.action == "passkey.rename" }
        #expect(entry?.before == #"{"passkey":"blue key"}"#)
    }
}

@Suite struct `What an app reads` {
    @Test func `names the hub and the account`() throws {
        let totp = try #require(TOTP(secret: Array("12345678901234567890".utf8)))
        #expect(
            totp.keyURI(issuer: "berlin hub", account: "ada@example.org")
                == "otpauth://totp/berlin%20hub:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=berlin%20hub&algorithm=SHA1&digits=6&period=30"
        )
    }
}

@Suite struct `A hub that asks for second factors` {
    @Test func `lets accounts without one do nothing but add one`() throws {
        let ada = try Ada()
        let (browser, _) = try ada.addApp()
        let viewer = try ada.hub.signedIn(role: .viewer)
        #expect(try viewer.get("/devices").status == 200)
        #expect(try browser.post("/admins/second-factors", on: "/admins", ["required": "on"]).status == 303)
        for path in ["/devices", "/status", "/audit"] { #expect(try viewer.get(path).location == "/account#second-factors", "\(path)") }
        #expect(try viewer.get("/events").status == 401)
        let admin = try ada.hub.signedIn(role: .admin, email: "bob@example.org")
        // A token would be a way in without a second factor.
        #expect(try admin.get("/account/tokens/new").location == "/account#second-factors")
        #expect(try viewer.get("/account").text.contains("This hub requires a second factor for every account."))
        #expect(try viewer.get("/account/totp/new").status == 200)
        #expect(try browser.get("/devices").status == 200)
        #expect(try browser.post("/admins/second-factors", on: "/admins", [:]).status == 303)
        #expect(try viewer.get("/devices").status == 200)
    }

    @Test func `is not set up by an admin who has none`() throws {
        let ada = try Ada()
        let browser = try ada.hub.signedIn()
        #expect(try browser.post("/admins/second-factors", on: "/admins", ["required": "on"]).status == 409)
        #expect(try browser.get("/devices").status == 200)
    }

    @Test func `lets an admin remove what another user lost`() throws {
        let ada = try Ada()
        let (browser, _) = try ada.addApp()
        let bob = try ada.hub.database.write {
            let bob = try $0.addAccount(email: "bob@example.org", passwordHash: `Signing in`.hash, role: .admin, by: .system, at: World.start)
            try $0.setTOTP(TOTP.generate(), ofAccount: bob.id, usedStep: 0, by: .system, at: World.start)
            return bob
        }
        let form = ["email": bob.email, "password": `Signing in`.password]
        #expect(try Browsing(ada.hub.site).post("/login", form).location?.hasPrefix("/login/code") == true)
        #expect(try browser.post("/admins/\(bob.id)/remove-second-factors", on: "/admins/\(bob.id)").status == 303)
        #expect(try Browsing(ada.hub.site).post("/login", form).location == "/devices")
    }
}
