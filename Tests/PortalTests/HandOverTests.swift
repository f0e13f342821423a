// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Store
import Testing

@testable import Portal

@Suite struct `Handing a file over` {
    /// Makes a link with the button of the device's page and returns its URL on this hub.
    private func link(_ device: Device, _ browser: Browsing, hours: String = "1") throws -> String {
        let page = "/devices/\(device.id)"
        let answer = try browser.post("\(page)/links", on: page, ["hours": hours])
        #expect(answer.location == "\(page)#hand-over")
        let text = try browser.get(page).text
        return try "/hand-over?token="
            + String(#require(text.firstMatch(of: /http:\/\/127.0.0.1:8080\/hand-over\?token=(hub_link_[0-9A-Za-z]{49})</)).1)
    }

    @Test func `shows the file once, to anyone who sends the form, without an account`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let key = try #require(try hub.database.read { try $0.privateKey(ofDevice: device.id) }).revealBase64()
        let address = try link(device, try hub.signedIn())
        let owner = Browsing(hub.site)
        for _ in 0..<3 {
            let page = try owner.get(address)
            #expect(page.status == 200)
            #expect(page.text.contains("nas"))
            #expect(!page.text.contains(key))
        }
        #expect(try hub.device(device.id).fetchedAt == nil)
        let token = String(address.split(separator: "=")[1])
        let answer = try owner.post("/hand-over", on: address, ["token": token])
        #expect(answer.status == 200)
        #expect(answer.text.contains("PrivateKey = \(key)"))
        #expect(answer.text.contains("src=\"data:image/svg+xml;base64,"))
        #expect(answer.response.fields["Cache-Control"] == "no-store")
        #expect(try hub.device(device.id).isConfigStale == false)
        #expect(try owner.get(address).status == 404)
        let again = try owner.post("/hand-over", on: "/login", ["token": token])
        #expect(again.status == 404)
        #expect(!again.text.contains(key))
    }

    @Test func `shows the link to its maker only while the session is confirmed`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let address = try link(device, browser)
        let page = "/devices/\(device.id)"
        hub.world.advance(seconds: 301)
        let later = try browser.get(page).text
        #expect(!later.contains(address) && later.contains("/account/confirm?next=%2Fdevices%2F\(device.id)"))
    }

    @Test func `includes the key that the hub is about to forget`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let added = try browser.post("/devices", on: "/devices/new", ["name": "phone"])
        let id = try #require(added.location?.firstMatch(of: /\/devices\/([0-9a-z]+)/)?.1)
        let address = try link(try hub.device(String(id)), browser)
        let owner = Browsing(hub.site)
        let answer = try owner.post("/hand-over", on: address, ["token": String(address.split(separator: "=")[1])])
        #expect(answer.text.contains("\nPrivateKey = "))
        #expect(try hub.device(String(id)).hasPrivateKey == false)
    }

    @Test func `ends after the time that was chosen, or when it is revoked`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let short = try link(device, browser, hours: "1")
        hub.world.advance(seconds: 3599)
        #expect(try Browsing(hub.site).get(short).status == 200)
        hub.world.advance(seconds: 1)
        #expect(try Browsing(hub.site).get(short).status == 404)
        let other = try hub.signedIn()
        let second = try link(device, other)
        let page = try other.get("/devices/\(device.id)").text
        let revoke = try #require(page.firstMatch(of: /action="([^"]+\/revoke)"/)?.1)
        #expect(try other.post(String(revoke), on: "/devices/\(device.id)").status == 303)
        #expect(try Browsing(hub.site).get(second).status == 404)
        #expect(try !other.get("/devices/\(device.id)").text.contains("hub_link_"))
    }

    @Test func `is not shown any more once a link of the device is revoked, even if another is left`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        for _ in 0..<2 { _ = try link(device, browser) }
        let page = try browser.get("/devices/\(device.id)").text
        let revoke = page.matches(of: /action="([^"]+\/revoke)"/).map { String($0.1) }
        #expect(revoke.count == 2)
        #expect(page.contains("hub_link_"))
        #expect(try browser.post(revoke[0], on: "/devices/\(device.id)").status == 303)
        let left = try browser.get("/devices/\(device.id)").text
        #expect(left.contains(revoke[1]))
        #expect(!left.contains("hub_link_"))
    }

    @Test(arguments: ["0", "2", "169", "", "x"])
    func `for another time than an hour, a day or a week is refused`(hours: String) throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let page = "/devices/\(device.id)"
        #expect(try hub.signedIn().post("\(page)/links", on: page, ["hours": hours]).status == 400)
        #expect(try hub.database.read { try $0.links(toDevice: device.id, at: World.start) } == [])
    }

    @Test func `tells a guest the steps for each system, and opens those of this one`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let address = try link(device, try hub.signedIn())
        let page = try Browsing(hub.site).post("/hand-over", on: address, ["token": String(address.split(separator: "=")[1])]).text
        for words in ["iPhone, iPad", "Android", "macOS", "Windows"] {
            #expect(page.contains("<details class=\"legend\"><summary>\(words)</summary>"))
        }
        #expect(page.contains("<details class=\"legend\" open><summary>Linux</summary>"))
        #expect(page.contains("systemctl enable --now wg-quick@nas"))
        for store in ["https://apps.apple.com/", "https://play.google.com/", "https://www.wireguard.com/install/"] {
            #expect(page.contains("href=\"\(store)"))
        }
        // Links only: the page loads nothing from elsewhere.
        #expect(page.matches(of: /src="(?!\/assets\/|data:)/).isEmpty)
    }

    @Test(arguments: [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)", ClientSystem.ios), ("Mozilla/5.0 (Linux; Android 15)", .android),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", .macos), ("Mozilla/5.0 (Windows NT 10.0; Win64)", .windows),
        ("Mozilla/5.0 (X11; Linux x86_64)", .linux),
    ])
    func `knows the system of a browser`(agent: String, system: ClientSystem) {
        #expect(ClientSystem(userAgent: agent) == system)
        #expect(ClientSystem(userAgent: "curl/8.5") == nil)
    }

    @Test(
        arguments: [
            (nil, "Only this machine can open it."), ("http://localhost:8080", "Only this machine can open it."),
            ("https://192.168.1.2", "Only devices in the same private network can open it."), ("http://hub.example.org", "It is not encrypted"),
            ("https://hub.example.org", nil),
        ] as [(String?, String?)])
    func `says before a link is made that nobody else could open it`(portal: String?, problem: String?) throws {
        let hub = try TestSite()
        try hub.database.change(by: .system, at: World.start) {
            var edit = DefaultsEdit(try $0.defaults(), try $0.hub())
            edit.portalURL = portal
            try $0.editDefaults(edit)
        }
        hub.site.refreshHosts()
        let page = try hub.signedIn().get("/devices/\(hub.add("nas").id)").text
        #expect(page.contains("The link will lead to <span class=\"mono\">") == (problem != nil))
        if portal == nil { #expect(page.contains("The link will lead to <span class=\"mono\">127.0.0.1:8080</span>.")) }
        if let problem { #expect(page.contains(problem)) }
    }

    @Test func `is in the audit log from the link to its use`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let address = try link(device, browser)
        _ = try Browsing(hub.site).post("/hand-over", on: address, ["token": String(address.split(separator: "=")[1])])
        let actions = try hub.database.read { try $0.auditEntries(target: "device/\(device.id)", limit: 2) }.map(\.action)
        #expect(actions == ["link.use", "link.make"])
        #expect(try !browser.get("/audit").text.contains("hub_link_"))
    }
}
