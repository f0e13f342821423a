// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// The portal without a mouse, and on paper.
@Suite(.needsLab)
struct `A keyboard` {
    private static let portal = "http://127.0.0.1:8080"

    @Test func `reaches every action in the order of the page, and the page shows the focus`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            let devices = try signIn(browser, hub)
            for path in [
                "/devices", "/devices/\(devices[0])", "/settings/\(devices[1])/edit", "/settings/defaults", "/settings/networks", "/settings/names",
                "/reachability",
                "/reachability?from=\(devices[0])&to=\(devices[1])", "/links", "/map", "/status", "/audit", "/account",
            ] {
                try browser.open("\(Self.portal)\(path)")
                let walk = try browser.walk()
                #expect(walk.missed == [], "\(path): out of reach")
                #expect(walk.visited == walk.visited.sorted(), "\(path): not in order")
                #expect(walk.unseen == [], "\(path): focus is not seen")
            }
        }
    }

    @Test func `skips to the content, opens and closes the menu, and saves a form`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            let devices = try signIn(browser, hub)
            try browser.open("\(Self.portal)/devices")
            try browser.type(.tab)
            #expect(try browser.focused() == "Skip to content")
            #expect(try browser.isOnScreen(".skip"))
            try browser.type(.enter)
            try browser.type(.tab)
            #expect(try browser.focused() == "Add devices")

            try browser.focus(".menu-wide summary")
            try browser.type(.enter)
            #expect(try browser.text(of: ".menu-wide").contains("Sign out"))
            try browser.type(.escape)
            #expect(try browser.focused() == "Account")
            #expect(try !browser.text(of: ".menu-wide").contains("Sign out"))

            try browser.open("\(Self.portal)/settings/\(devices[0])/edit")
            try browser.focus("[name='description']")
            try browser.type("in the cellar", then: .enter)
            try wait("the saved device", upTo: .seconds(20)) { try browser.path() == "/devices/\(devices[0])" ? true : nil }
            #expect(try browser.text().contains("in the cellar"))
        }
    }

    @Test func `continues in the invalid field of a long form`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            let devices = try signIn(browser, hub)
            try browser.open("\(Self.portal)/settings/\(devices[0])/edit")
            try browser.press(selector: ".advanced summary")
            try browser.fill("ipv4", "10.3.2.300")
            try browser.focus("[name='description']")
            try browser.type(.enter)
            try wait("the refused form", upTo: .seconds(20)) { try browser.text().contains("is not an address") ? true : nil }
            #expect(try browser.answer(of: "arguments[0](document.activeElement.name)") as? String == "ipv4")
        }
    }

    @Test func `prints name, addresses and code of a device, and nothing else`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            let devices = try signIn(browser, hub)
            try browser.open("\(Self.portal)/devices/\(devices[0])")
            try browser.follow("Show QR code")
            try browser.command("Emulation.setEmulatedMedia", ["media": "print"])
            let words = try browser.text().split(whereSeparator: \.isNewline).map(String.init)
            #expect(words == ["berlin-nas", "10.3.2.2, fd00::3:2:2"])
            #expect(try browser.scan("img.qr", in: lab).contains("PrivateKey = "))
        }
    }

    @Test func `shows the code of a long file large enough to be scanned from the screen of a phone`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            let devices = try signIn(browser, hub)
            try browser.open("\(Self.portal)/settings/\(devices[0])/edit")
            try browser.choose("allowed_ips_source", "custom")
            try browser.press(selector: ".as-text summary")
            try browser.fill("allowed_ips", (1...60).map { "10.3.2.\($0), 192.168.\($0).0/24" }.joined(separator: ", "))
            try browser.follow("Save")
            try browser.show(width: 390, .light)
            try browser.follow("Show QR code")
            #expect(try browser.scan("img.qr", in: lab).contains("192.168.60.0/24"))
            #expect(try !browser.overflows())
        }
    }

    /// Returns the ids of two devices.
    private func signIn(_ browser: Browser, _ hub: Hub) throws -> [String] {
        try browser.open(hub.setupURL())
        try browser.fill("email", PortalClient.email)
        try browser.fill("password", PortalClient.password)
        try browser.follow("Make the account")
        try browser.fill("first", "berlin-nas")
        try browser.fill("second", "laptop")
        try browser.follow("Add both")
        let query = try browser.query()
        return ["first", "second"].map { query[$0] ?? "" }
    }
}
