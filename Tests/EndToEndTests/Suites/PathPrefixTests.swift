// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// The portal at https://hub.example.org/vpn, behind nginx with the configuration of Documentation/proxies.md.
@Suite(.needsLab)
struct `Below a path behind nginx` {
    @Test(arguments: [false, true])
    func `every link, form, script, event and cookie stays there, whether or not nginx removes the path`(isRemoved: Bool) throws {
        try Lab.run { lab in
            let proxy = try ReverseProxy(.nginx, in: lab, section: "nginx, below a path") { text in
                isRemoved ? text.replacingOccurrences(of: "portal.sock;", with: "portal.sock:/;") : text
            }
            #expect(proxy.base == "/vpn")
            let hub = try Hub(in: lab, environment: proxy.options)
            try proxy.start(before: hub, in: lab)
            let browser = try Browser(in: hub.namespace, of: lab, secureHost: ReverseProxy.host)
            let setup = try hub.setupURL()
            #expect(setup.hasPrefix("https://\(ReverseProxy.host)/vpn/setup?token="))
            try browser.open(setup)
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.follow("Make the account")
            #expect(try browser.path() == "/vpn/welcome")
            let cookies = try browser.cookies()
            #expect(cookies.contains { $0["name"] as? String == "__Secure-sid" })
            for cookie in cookies { #expect(cookie["path"] as? String == "/vpn" && cookie["secure"] as? Bool == true, "\(cookie)") }
            try check(browser)
            try browser.fill("first", "nas")
            try browser.fill("second", "laptop")
            try browser.follow("Add both")
            let id = try browser.query()["first"] ?? ""
            let paths = [
                "/devices", "/devices/\(id)", "/devices/\(id)?show=file", "/devices/new", "/settings/\(id)/edit", "/settings/defaults",
                "/settings/networks", "/settings/names", "/settings/gateway", "/reachability", "/map", "/links", "/status", "/audit", "/admins",
                "/admins/new", "/account",
                "/account/totp/new", "/account/passkeys/new", "/account/tokens/new", "/changes/1", "/nothing",
            ]
            for path in paths {
                try browser.open("https://\(ReverseProxy.host)/vpn\(path)")
                try check(browser)
            }
            _ = try browser.complaints()
            // The page renews itself: both the event and what the script then loads are below the path.
            try browser.open("https://\(ReverseProxy.host)/vpn/devices/\(id)")
            try wait("events", upTo: .seconds(20)) { try browser.answer(of: "arguments[0](stream.readyState)") as? Int == 1 ? true : nil }
            try hub.command("device", "remove", "laptop")
            try wait("the page without the laptop", upTo: .seconds(15)) {
                try browser.answer(of: "arguments[0](document.querySelector('#links')?.textContent.includes('laptop') ?? false)") as? Bool == false
                    ? true : nil
            }
            try browser.open("https://\(ReverseProxy.host)/vpn")
            #expect(try browser.path() == "/vpn/devices")
            #expect(try browser.complaints() == [])
            #expect(!hub.log.contains("level=error"))
        }
    }

    /// Every address on the page that the browser would open.
    private func check(_ browser: Browser) throws {
        let script = """
            arguments[0]([...document.querySelectorAll("[href], [src], [action], [formaction]")].flatMap((element) =>
              ["href", "src", "action", "formaction"].map((name) => element.getAttribute(name)).filter((value) => value?.startsWith("/"))))
            """
        let path = try browser.path()
        let addresses = try browser.answer(of: script) as? [String] ?? []
        #expect(!addresses.isEmpty)
        #expect(addresses.filter { !$0.hasPrefix("/vpn/") } == [], "\(path)")
    }
}
