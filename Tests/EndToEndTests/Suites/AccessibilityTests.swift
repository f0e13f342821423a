// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

/// Pages are accessible and fit every screen.
@Suite(.needsLab)
struct `Each page in a browser` {
    private static let portal = "http://127.0.0.1:8080"
    private static let viewer = "viewer@example.org"
    private static let viewersPassword = "seven quiet geese in line"

    @Test func `passes axe and fits, wide and narrow, light and dark, in both languages, and none is forgotten`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab, showsStyleguide: true)
            let browser = try Browser(in: hub.namespace, of: lab)
            try browser.loadAxe()
            let pages = PageInspector(browser, origin: Self.portal)
            let pair = try firstRun(hub, browser, pages)
            try connect(hub, browser, in: lab)
            try devices(pair, browser, pages)
            try expectations(pair, browser, pages)
            try data(browser, pages, in: lab)
            try map(hub, browser, pages)
            try refusals(pair[0], browser, pages)
            let secret = try account(browser, pages)
            try confirm(pair[1], hub, browser, pages)
            try german(pair[0], browser)
            try handOver(pair[1], browser, pages)
            try signIn(secret, browser, pages)
            try asViewer(browser, pages)
            #expect(pages.forgotten == [])
            #expect(try browser.foreignRequests(origin: Self.portal) == [])
        }
    }

    /// Returns the ids of the first two devices.
    private func firstRun(_ hub: Hub, _ browser: Browser, _ pages: PageInspector) throws -> [String] {
        try pages.inspect(hub.setupURL())
        try browser.fill("email", PortalClient.email)
        try browser.fill("password", PortalClient.password)
        try browser.follow("Make the account")
        try pages.inspectPage("the first two devices")
        try pages.inspect("/devices")
        try pages.inspect("/map")
        try browser.open("\(Self.portal)/welcome")
        try browser.fill("first", "berlin-nas")
        try browser.fill("second", "phone-of-somebody-with-a-long-name")
        try browser.follow("Add both")
        try pages.inspectPage("their files")
        let query = try browser.query()
        return ["first", "second"].map { query[$0] ?? "" }
    }

    /// The first device connects, and the map shows that without a reload.
    private func connect(_ hub: Hub, _ browser: Browser, in lab: Lab) throws {
        try browser.open("\(Self.portal)/map")
        #expect(try browser.text(of: "[data-count=online]") == "0")
        let machine = try Client("nas", in: lab)
        try machine.up(hub.command("device", "config", "berlin-nas"))
        #expect(try machine.reaches("10.3.2.1"))
        // Something dropped, so that there is a table of it.
        _ = try machine.ping("10.3.2.77", count: 1)
        try wait("the map to show it", upTo: .seconds(60)) { try browser.text(of: "[data-count=online]") == "1" ? true : nil }
        #expect(try browser.text(of: "#table tbody tr:first-child").contains("online"))
        #expect(try browser.text(of: "#table tbody tr:last-child").contains("never seen"))
    }

    private func devices(_ pair: [String], _ browser: Browser, _ pages: PageInspector) throws {
        let (first, second) = (pair[0], pair[1])
        // The second one reaches nothing, so there are one-sided links to show.
        try browser.open("\(Self.portal)/settings/\(second)/edit")
        try browser.choose("allowed_ips_source", "custom")
        try browser.press(selector: ".as-text summary")
        try browser.fill("allowed_ips", "")
        try browser.press("Preview")
        try wait("what saving does", upTo: .seconds(15)) { (try? browser.text(of: "#effect"))?.contains("no longer") == true ? true : nil }
        try pages.inspectPage("a preview")
        try browser.follow("Save")
        let change = try browser.query()["change"] ?? ""
        for path in [
            "/devices", "/devices?q=nothing-has-this-name", "/devices?columns=ipv6.endpoint.traffic.created", "/devices/out-of-date",
            "/devices/new", "/devices/added?ids=\(first).\(second)", "/devices/\(first)", "/devices/\(second)",
            "/devices/\(first)/delete", "/devices/\(first)/rotate-key", "/devices/\(first)/forget-time", "/settings/\(first)/edit",
            "/settings/defaults", "/settings/networks", "/settings/names", "/settings/gateway", "/settings/data", "/rules",
            "/reachability", "/reachability?from=\(first)&to=\(second)", "/links?a=berlin-nas&b=phone-of-somebody-with-a-long-name", "/links",
            "/links/timed", "/links/ask", "/links/unused", "/expectations",
            "/changes/\(change)", "/status", "/audit", "/styleguide",
        ] {
            try pages.inspect(path)
        }
        try browser.open("\(Self.portal)/devices")
        try browser.press(selector: "[name='device'][value='\(first)']")
        try browser.follow("Delete…")
        try pages.inspectPage("a selection to delete")
        try browser.open("\(Self.portal)/devices")
        try browser.press(selector: "[name='device'][value='\(first)']")
        try browser.follow("Disable…")
        try pages.inspectPage("a selection to disable")
        try browser.open("\(Self.portal)/devices/new")
        for summary in ["details:has(#list) summary", "details:has(#ipv4) summary"] { try browser.press(selector: summary) }
        try pages.inspectPage("all fields of new devices")
    }

    /// A kept and a broken expectation, and a change that would break one.
    private func expectations(_ pair: [String], _ browser: Browser, _ pages: PageInspector) throws {
        for (rule, to) in [("reaches", "phone-of-somebody-with-a-long-name"), ("never", "192.168.77.5"), ("reaches", "10.3.2.1")] {
            try browser.open("\(Self.portal)/expectations")
            try browser.fill("from", "berlin-nas")
            _ = try browser.answer(of: "document.getElementById('rule').value = '\(rule)'; arguments[0]()")
            try browser.fill("to", to)
            try browser.follow("Add")
        }
        try pages.inspectPage("expectations")
        try pages.inspect("/status")
        try browser.open("\(Self.portal)/devices/\(pair[0])")
        try browser.follow("Disable")
        #expect(try browser.text(of: "h1").contains("This would break 1 expectation"))
        try pages.inspectPage("a change that would break an expectation", status: 409)
        try browser.follow("Cancel")
        #expect(try browser.path() == "/devices/\(pair[0])")
    }

    /// What a backup and the file of another server would do.
    private func data(_ browser: Browser, _ pages: PageInspector, in lab: Lab) throws {
        let words = "four words in a row"
        try browser.open("\(Self.portal)/settings/data")
        try browser.fill("passphrase", words)
        try browser.fill("repeated", words)
        let backup = try browser.downloadedFile(ending: ".backup", pressing: "#backup-section button")
        try browser.open("\(Self.portal)/settings/data")
        try browser.choose(file: backup, for: "backup")
        try browser.fill("backup_passphrase", words)
        try browser.follow("Check backup…")
        #expect(try browser.text(of: ".effect").contains("The backup is of this hub."))
        try pages.inspectPage("a backup to restore")
        let file = lab.folder.appendingPathComponent("wg0.conf")
        let peers = (2..<5).map { "[Peer]\n# office-\($0)\nPublicKey = \(PrivateKey.generate().publicKey.base64)\nAllowedIPs = 10.8.0.\($0)/32\n" }
        try ("[Interface]\nAddress = 10.8.0.1/24\nPostUp = true\n" + peers.joined()).write(to: file, atomically: true, encoding: .utf8)
        try browser.open("\(Self.portal)/settings/data")
        try browser.choose(file: file, for: "peers")
        try browser.follow("Check file…")
        #expect(try browser.text(of: "h1") == "Import 3 devices?")
        try pages.inspectPage("devices to import")
    }

    /// With single devices, dense, in groups, and one of the groups.
    private func map(_ hub: Hub, _ browser: Browser, _ pages: PageInspector) throws {
        let api = try API(hub, scope: "write")
        let tags = ["field", "office", "home"]
        let names = (0..<210).map { (name: "unit-\($0)", tag: tags[$0 % 3]) }
        try api.add(Array(names[..<60]))
        try pages.inspect("/map")
        try api.add(Array(names[60...]))
        for path in ["/map", "/map?tag=field", "/devices?tag=field&page=2", "/reachability?tag=office"] { try pages.inspect(path) }
        for path in ["/map", "/map?tag=field"] {
            try browser.open("\(Self.portal)\(path)")
            for width in PageInspector.widths {
                try browser.show(width: width, .light)
                let edge = "getBoundingClientRect().right"
                let inside = "document.querySelector('.map svg').\(edge) <= document.querySelector('main').\(edge)"
                #expect(try browser.answer(of: "arguments[0](\(inside))") as? Bool == true, "\(path) at \(width) px")
            }
        }
    }

    /// Refusals: an unknown page, a broken rule, an outdated form.
    private func refusals(_ device: String, _ browser: Browser, _ pages: PageInspector) throws {
        try pages.inspect("/nothing-here", status: 404)
        try pages.inspect("/devices/nobody", status: 404)
        try browser.open("\(Self.portal)/settings/\(device)/edit")
        try browser.choose("allowed_ips_source", "custom")
        try browser.press(selector: ".as-text summary")
        try browser.fill("allowed_ips", "10.3.2.300")
        try browser.follow("Save")
        try pages.inspectPage("a refused form", status: 422)
        try browser.open("\(Self.portal)/settings/\(device)/edit")
        try browser.fill("description", "in the cellar")
        let spoil = "for (const field of document.querySelectorAll('main [name=revision], main [name=base]')) field.value = '0'"
        _ = try browser.answer(of: "\(spoil); arguments[0]()")
        try browser.follow("Save")
        try pages.inspectPage("a stale form", status: 409)
    }

    /// Returns the secret of the app that sign-in requires from now on.
    private func account(_ browser: Browser, _ pages: PageInspector) throws -> TOTP {
        for path in ["/account", "/account/passkeys/new", "/account/tokens/new", "/admins", "/admins/new"] {
            try pages.inspect(path)
        }
        try browser.fill("email", Self.viewer)
        try browser.choose("role", "viewer")
        try browser.fill("password", Self.viewersPassword)
        try browser.follow("Add the account")
        try browser.open("\(Self.portal)/admins")
        try browser.follow(Self.viewer)
        try pages.inspectPage("an account")
        let account = try browser.path()
        for path in ["\(account)/remove-second-factors", "\(account)/remove"] { try pages.inspect(path) }
        try browser.open("\(Self.portal)/account/tokens/new")
        try browser.fill("name", "backup")
        try browser.follow("Make the token")
        try pages.inspectPage("a new token")
        try pages.inspect("/account/totp/new")
        let secret = try #require(Base32.decode(browser.text(of: "code.mono").filter { !$0.isWhitespace }).flatMap { TOTP(secret: $0) })
        try browser.fill("code", secret.code(step: Self.step))
        try browser.follow("Add the app")
        try pages.inspectPage("recovery codes")
        return secret
    }

    /// A user who signed in a while ago is asked to confirm, and then reaches the page.
    private func confirm(_ device: String, _ hub: Hub, _ browser: Browser, _ pages: PageInspector) throws {
        try hub.forgetConfirmations()
        try browser.open("\(Self.portal)/devices/\(device)/delete")
        try pages.inspectPage("the password, once more")
        try browser.fill("password", PortalClient.password)
        try browser.follow("Continue")
        #expect(try browser.path() == "/devices/\(device)/delete")
    }

    /// German words are longer.
    private func german(_ device: String, _ browser: Browser) throws {
        try browser.open("\(Self.portal)/account")
        try browser.press(selector: ".menu-wide summary")
        try browser.press(selector: ".menu-wide [name='language'][value='de']")
        for path in [
            "/devices", "/devices/\(device)", "/settings/\(device)/edit", "/settings/defaults", "/settings/networks", "/settings/names",
            "/reachability", "/map", "/links", "/links/unused", "/expectations", "/devices/new", "/status", "/audit", "/account", "/admins",
        ] {
            try browser.open("\(Self.portal)\(path)")
            try browser.show(width: 320, .light)
            #expect(try !browser.overflows(), "\(path) in German at 320 px")
            try browser.show(width: 1280, .light)
        }
        try browser.press(selector: ".menu-wide summary")
        try browser.press(selector: ".menu-wide [name='language'][value='en']")
        #expect(try browser.complaints() == [])
    }

    private func handOver(_ device: String, _ browser: Browser, _ pages: PageInspector) throws {
        try browser.open("\(Self.portal)/devices/\(device)")
        try browser.follow("Make a link")
        try pages.inspectPage("a device with a link")
        let link = try browser.text(of: "#link")
        try forget(browser)
        try pages.inspect(link)
        try browser.follow("Show the file")
        try pages.inspectPage("the file that was handed over")
        try pages.inspect(link, status: 404)
    }

    /// As the admin, with the second factor.
    private func signIn(_ secret: TOTP, _ browser: Browser, _ pages: PageInspector) throws {
        try pages.inspect("/login")
        try fillIn(PortalClient.email, PortalClient.password, browser)
        try pages.inspectPage("the second factor")
        // Each step is valid once, and the next one is already valid.
        try browser.fill("code", secret.code(step: Self.step + 1))
        try browser.follow("Sign in")
        #expect(try browser.path() == "/devices")
        try pages.inspect("/account")
        for path in ["/account/recovery-codes", "/account/totp/remove"] { try pages.inspect(path) }
    }

    private func asViewer(_ browser: Browser, _ pages: PageInspector) throws {
        try forget(browser)
        try browser.open("\(Self.portal)/login")
        try fillIn(Self.viewer, Self.viewersPassword, browser)
        for path in ["/devices", "/settings/defaults", "/settings/networks"] { try pages.inspect(path) }
        try pages.inspect("/admins", status: 403)
    }

    private func fillIn(_ email: String, _ password: String, _ browser: Browser) throws {
        try browser.fill("email", email)
        try browser.fill("password", password)
        try browser.follow("Sign in")
    }

    /// The live events of the previous page may be refused when its session is deleted.
    private func forget(_ browser: Browser) throws {
        try browser.forgetCookies()
        try browser.open("\(Self.portal)/login")
        #expect(try browser.complaints().allSatisfy { $0.contains("/events") })
    }

    private static var step: Int64 { Int64(Date().timeIntervalSince1970) / TOTP.period }
}
