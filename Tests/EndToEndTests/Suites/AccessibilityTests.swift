// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// Pages for every person and every screen.
@Suite(.needsLab)
struct `Each page in a browser` {
    private static let portal = "http://127.0.0.1:8080"
    /// Rules of axe whose result hangs on colours; the others find the same in each theme.
    private static let colours = ["color-contrast", "link-in-text-block"]

    @Test func `passes axe and fits, wide and narrow, light and dark, in both languages`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            try browser.loadAxe()
            let setup = try hub.setupURL()
            try inspect(setup, browser)
            try browser.open(setup)
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.follow("Make the account")
            try inspect("\(Self.portal)/welcome", browser)
            try inspect("\(Self.portal)/devices", browser)

            var devices: [String] = []
            for name in ["berlin-nas", "office-gw", "phone-of-somebody-with-a-long-name"] {
                try browser.open("\(Self.portal)/devices/new")
                try browser.fill("name", name)
                try browser.follow("Add device")
                devices.append(String(try browser.path().split(separator: "/").last ?? ""))
            }
            // The last one reaches nothing, so there are one-sided links to show.
            try browser.open("\(Self.portal)/settings/\(devices[2])/edit")
            try browser.choose("allowed_ips_source", "custom")
            try browser.fill("allowed_ips", "")
            try browser.follow("Save")
            let change = try browser.query()["change"] ?? ""

            let device = devices[0]
            for path in [
                "/devices", "/devices/new", "/devices/\(device)", "/devices/\(device)?show=file", "/devices/\(device)/delete",
                "/devices/\(device)/rotate-key", "/settings/\(device)/edit", "/settings/defaults", "/reachability", "/map", "/map?tag=field",
                "/reachability?from=\(device)&to=\(devices[2])", "/links", "/changes/\(change)", "/status", "/audit", "/admins", "/admins/new",
                "/account", "/account/confirm", "/account/totp/new", "/account/recovery-codes", "/account/tokens/new", "/nothing-here",
            ] {
                try inspect("\(Self.portal)\(path)", browser)
            }

            // German words are longer.
            try browser.open("\(Self.portal)/account")
            try browser.press(selector: ".menu-wide summary")
            try browser.press(selector: ".menu-wide [name='language'][value='de']")
            for path in ["/devices", "/devices/\(device)", "/settings/\(device)/edit", "/reachability", "/map", "/links", "/audit", "/account"] {
                try browser.open("\(Self.portal)\(path)")
                try fits(browser, path)
            }

            let complaints = try browser.complaints().filter { !$0.contains("/nothing-here") }
            #expect(complaints == [])
            try browser.forgetCookies()
            try inspect("\(Self.portal)/login", browser)
            #expect(try browser.foreignRequests(origin: Self.portal) == [])
        }
    }

    private func inspect(_ url: String, _ browser: Browser) throws {
        try browser.open(url)
        for width in [360, 1280] {
            try browser.show(width: width, .light)
            #expect(try browser.violations() == [], "\(url) at \(width) px")
            #expect(try !browser.overflows(), "\(url) at \(width) px")
            try browser.show(width: width, .dark)
            #expect(try browser.violations(of: Self.colours) == [], "\(url) in the dark at \(width) px")
        }
    }

    private func fits(_ browser: Browser, _ path: String) throws {
        try browser.show(width: 360, .light)
        #expect(try !browser.overflows(), "\(path) in German at 360 px")
        try browser.show(width: 1280, .light)
    }
}
