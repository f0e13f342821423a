// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Store
import Testing

@testable import Portal

@Suite struct `Handing a file over` {
    /// Makes a link with the button of the device's page and returns its URL on this hub.
    private func link(_ device: Device, _ browser: Browsing, minutes: String = "15") throws -> String {
        let page = "/devices/\(device.id)"
        let answer = try browser.post("\(page)/links", on: page, ["minutes": minutes])
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
        let short = try link(device, browser, minutes: "5")
        hub.world.advance(seconds: 299)
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

    @Test(arguments: ["0", "16", "60", "", "x"])
    func `for longer than a quarter of an hour is refused`(minutes: String) throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let page = "/devices/\(device.id)"
        #expect(try hub.signedIn().post("\(page)/links", on: page, ["minutes": minutes]).status == 400)
        #expect(try hub.database.read { try $0.links(toDevice: device.id, at: World.start) } == [])
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
