// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// Passkeys with a real browser and its virtual authenticator, on localhost, where browsers offer them without TLS.
@Suite(.needsLab)
struct `A passkey` {
    private static let portal = "http://localhost:8080"

    /// A hub, and a browser whose owner is signed in to it.
    private func signedIn(_ lab: Lab) throws -> (Hub, Browser) {
        let hub = try Hub(in: lab)
        let browser = try Browser(in: hub.namespace, of: lab)
        try browser.open(hub.setupURL().replacing("127.0.0.1", with: "localhost"))
        try browser.fill("email", PortalClient.email)
        try browser.fill("password", PortalClient.password)
        try browser.press("Make the account")
        try wait(for: "/welcome", browser)
        return (hub, browser)
    }

    private func add(_ name: String, _ browser: Browser) throws {
        try browser.open("\(Self.portal)/account/passkeys/new")
        try browser.fill("name", name)
        try browser.press("Make the passkey")
    }

    private func wait(for path: String, _ browser: Browser) throws {
        _ = try EndToEndTests.wait("the page \(path)", upTo: .seconds(15)) { try browser.path() == path ? true : nil }
    }

    @Test func `signs in alone, and after the password`() throws {
        try Lab.run { lab in
            let (hub, browser) = try signedIn(lab)
            _ = try browser.addAuthenticator()
            try add("laptop", browser)
            try wait(for: "/account/recovery-codes", browser)
            #expect(try browser.text().contains("10 of 10 are left."))
            try browser.follow("Done")
            #expect(try browser.text().contains("laptop"))

            try browser.forgetCookies()
            try browser.open("\(Self.portal)/status")
            #expect(try browser.path() == "/login")
            try browser.press("Sign in with a passkey")
            try wait(for: "/status", browser)

            try browser.forgetCookies()
            try browser.open("\(Self.portal)/login")
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.press("Sign in")
            try wait(for: "/login/code", browser)
            try browser.press("Use a passkey")
            try wait(for: "/devices", browser)
            // Chromium would like RS256 offered as well; the hub takes ES256 and EdDSA, which every passkey has.
            let complaints = try browser.complaints().filter { !$0.contains("pubKeyCredParams is missing") }
            #expect(complaints == [])
            #expect(!hub.log.contains("level=error"))
        }
    }

    @Test func `that does not verify its user is only a second factor`() throws {
        try Lab.run { lab in
            let (hub, browser) = try signedIn(lab)
            let key = try browser.addAuthenticator(knowsWho: false)
            try add("blue key", browser)
            try wait(for: "/account/recovery-codes", browser)

            try browser.forgetCookies()
            try browser.open("\(Self.portal)/login")
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.follow("Sign in")
            try browser.press("Use a passkey")
            try wait(for: "/devices", browser)

            // The passkey is lost: the page says so, and a recovery code or another factor still works.
            try browser.removeAuthenticator(key)
            _ = try browser.addAuthenticator(knowsWho: false)
            try browser.forgetCookies()
            try browser.open("\(Self.portal)/login")
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.follow("Sign in")
            try browser.press("Use a passkey")
            _ = try EndToEndTests.wait("the browser's refusal", upTo: .seconds(70)) {
                try browser.text().contains("No passkey was used.") ? true : nil
            }
            #expect(try browser.path() == "/login/code")
            #expect(!hub.log.contains("level=error"))
        }
    }
}
