// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

@Suite(.needsLab)
struct `Live events` {
    /// The states of an EventSource (HTML, 9.2).
    private enum State: Int { case connecting, open, closed }

    @Test func `HTTP-F-10 end while the page is hidden, and continue when it is shown again`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (_, browser) = try signedIn(hub, lab)
            try browser.open("\(Self.portal)/devices")
            try wait(browser, until: .open)
            try browser.minimize()
            try wait(browser, until: .closed)
            try browser.resize(width: 1280)
            try wait(browser, until: .open)
            #expect(try browser.complaints() == [])
        }
    }

    @Test func `renew the page of a device after a change elsewhere`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (portal, browser) = try signedIn(hub, lab)
            let (nas, laptop) = (try portal.add("nas"), try portal.add("laptop"))
            try browser.open("\(Self.portal)/devices/\(nas.id)")
            try wait(browser, until: .open)
            #expect(try browser.text(of: "#actions").contains("Disable"))
            #expect(try browser.text(of: "#notices").contains("How to connect it"))
            try portal.submit(form: "/devices/\(nas.id)/disable", on: "/devices/\(nas.id)", [:])
            try see("Enable", in: "#actions", browser)
            #expect(try !browser.text(of: "#notices").contains("How to connect it"))
            try see("disabled", in: ".title .state", browser)
            try see("enabled", in: "#past", browser)
            try portal.submit(form: "/devices/\(nas.id)/enable", on: "/devices/\(nas.id)", [:])
            try see("Disable", in: "#actions", browser)
            // A change to another device changes the links.
            try see("both ways", in: "#links", browser)
            try portal.edit(laptop, ["allowed_ips": "10.3.2.1/32"])
            try see("one-sided", in: "#links", browser)
            #expect(try browser.complaints() == [])
        }
    }

    @Test func `renew the status page after a change elsewhere`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (portal, browser) = try signedIn(hub, lab)
            try browser.open("\(Self.portal)/status")
            try wait(browser, until: .open)
            _ = try portal.add("nas")
            try see("Added nas", in: "#past", browser)
            try see("1 never seen", in: "#now", browser)
            #expect(try browser.complaints() == [])
        }
    }

    @Test func `that stop make the page say so, until the hub is back`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (_, browser) = try signedIn(hub, lab)
            try browser.open("\(Self.portal)/devices")
            try wait(browser, until: .open)
            let isLost = { try browser.answer(of: "arguments[0](!document.getElementById('lost').hidden)") as? Bool }
            #expect(try isLost() == false)
            hub.kill()
            try EndToEndTests.wait("the word that the hub is gone", upTo: .seconds(10)) { try isLost() == true ? true : nil }
            #expect(try browser.text(of: "#lost").contains("may be out of date"))
            try hub.start()
            try EndToEndTests.wait("the word to go", upTo: .seconds(30)) { try isLost() == false ? true : nil }
            // The stream broke, and the browser says so.
            #expect(try browser.complaints().allSatisfy { $0.contains("/events") })
        }
    }

    @Test func `that fall silent make the page say so, and nothing new does not`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (_, browser) = try signedIn(hub, lab)
            try browser.open("\(Self.portal)/devices")
            try wait(browser, until: .open)
            let isLost = { try browser.answer(of: "arguments[0](!document.getElementById('lost').hidden)") as? Bool }
            // Longer than a page waits for a sign of life.
            for _ in 0..<32 {
                #expect(try isLost() == false)
                Thread.sleep(forTimeInterval: 1)
            }
            hub.send(signal: SIGSTOP)
            try EndToEndTests.wait("the word that the hub is silent", upTo: .seconds(40)) { try isLost() == true ? true : nil }
            hub.send(signal: SIGCONT)
            try EndToEndTests.wait("the word to go", upTo: .seconds(30)) { try isLost() == false ? true : nil }
            #expect(try browser.complaints().allSatisfy { $0.contains("/events") })
        }
    }

    @Test func `that end with the session lead to the sign-in page`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (_, browser) = try signedIn(hub, lab)
            try browser.open("\(Self.portal)/devices")
            try wait(browser, until: .open)
            let words = "another four words"
            try hub.command("admin", "reset-password", "--email", PortalClient.email, "--password-stdin", input: words)
            try see("You are signed out.", in: "#signed-out", browser)
            #expect(try browser.complaints().allSatisfy { $0.contains("/events") })
        }
    }

    private static let portal = "http://127.0.0.1:8080"

    /// Two sessions of one admin.
    private func signedIn(_ hub: Hub, _ lab: Lab) throws -> (PortalClient, Browser) {
        let portal = try PortalClient(settingUp: hub, in: lab)
        let browser = try Browser(in: hub.namespace, of: lab)
        try browser.open("\(Self.portal)/login")
        try browser.fill("email", PortalClient.email)
        try browser.fill("password", PortalClient.password)
        try browser.follow("Sign in")
        return (portal, browser)
    }

    /// A part may be replaced between two checks.
    private func see(_ words: String, in selector: String, _ browser: Browser) throws {
        try EndToEndTests.wait("'\(words)' in \(selector)", upTo: .seconds(15)) {
            (try? browser.text(of: selector))?.contains(words) == true ? true : nil
        }
    }

    /// `stream` is the page's only source of events.
    private func wait(_ browser: Browser, until state: State) throws {
        try EndToEndTests.wait("events that are \(state)", upTo: .seconds(20)) {
            try browser.answer(of: "arguments[0](stream.readyState)") as? Int == state.rawValue ? true : nil
        }
    }
}
