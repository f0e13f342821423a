// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `A file counts as handed out` {
    let hub: TestSite
    let device: Device
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        device = try hub.add("nas")
        browser = try hub.signedIn()
    }

    private var page: String { "/devices/\(device.id)" }

    @Test func `not when pages show the device, and none of them holds its key`() throws {
        let key = try #require(try hub.database.read { try $0.privateKey(ofDevice: device.id) }).revealBase64()
        let other = try hub.add("laptop")
        for path in ["/devices", page, "\(page)/live", "\(page)?show=file", "/settings/\(device.id)/edit", WelcomeFilesPage.link(device, other).text]
        {
            let answer = try browser.get(path)
            #expect(answer.status == 200)
            #expect(!answer.text.contains(key) && !answer.text.contains("class=\"qr"), "\(path)")
        }
        for path in ["\(page)/config", "\(page)/qr", "\(page)/qr.svg"] { #expect(try [404, 405].contains(browser.get(path).status)) }
        #expect(try hub.device(device.id).fetchedAt == nil)
    }

    @Test func `not when it is added, edited and saved`() throws {
        let added = try #require(browser.post("/devices", on: "/devices/new", ["name": "phone", "keep_private_key": "on"]).location)
        let id = try #require(added.firstMatch(of: /\/devices\/([0-9a-z]+)/)?.1)
        _ = try browser.get(added)
        let edit = "/settings/\(id)/edit"
        let saved = try #require(browser.post(edit, ["description": "of Ada"]).location)
        #expect(try browser.get(saved).text.contains("Not delivered yet."))
        #expect(try hub.device(String(id)).fetchedAt == nil)
    }

    @Test func `when it is downloaded`() throws {
        #expect(try browser.download(device).text.contains("PrivateKey = "))
        #expect(try hub.device(device.id).fetchedConfigRevision == device.configRevision)
        #expect(try browser.get(page).text.contains("Handed out the file <span class=\"muted\">by ada@example.org</span>"))
    }

    @Test func `when its code is shown, as large as the page`() throws {
        let answer = try browser.post("\(page)/qr", on: page, ["next": "/devices"])
        #expect(answer.text.contains("<img class=\"qr whole\" src=\"data:image/svg+xml;base64,"))
        #expect(answer.text.contains("<a class=\"crumb no-print\" href=\"/devices\">Back</a>"))
        #expect(answer.response.fields["Cache-Control"] == "no-store")
        #expect(try hub.device(device.id).fetchedConfigRevision == device.configRevision)
    }

    @Test func `when somebody marks it as installed`() throws {
        #expect(try browser.get(page).text.contains("Mark as installed"))
        #expect(try browser.post("\(page)/installed", on: page, ["next": page]).location == "\(page)?done=installed")
        #expect(try hub.device(device.id).fetchedConfigRevision == device.configRevision)
        let text = try browser.get(page).text
        #expect(text.contains("Marked the file as installed <span class=\"muted\">by ada@example.org</span>") && !text.contains("Mark as installed"))
    }

    /// Whatever page it is on: the keys stay in the hub unless an admin or a token for devices asks.
    @Test func `and holds no key for anybody who may not have it`() throws {
        let presharedKey = PresharedKey.generate()
        try hub.database.change(by: .system, at: World.start) { _ = try $0.setPresharedKey(presharedKey, ofDevice: device.id) }
        let viewer = try hub.signedIn(role: .viewer)
        let visits = [
            (false, try viewer.admitted("/account/theme").visit), (true, try browser.admitted("/account/theme").visit),
            (false, try AdmittedRequest(hub.api(.read).request("GET", "/devices"), hub.site).visit),
            (false, try AdmittedRequest(hub.api(.read, .settings).request("GET", "/devices"), hub.site).visit),
            (true, try AdmittedRequest(hub.api(.read, .devices).request("GET", "/devices"), hub.site).visit),
        ]
        for (number, (mayHave, visit)) in visits.enumerated() {
            let overview = try visit.overview()
            let file = try visit.file(of: try #require(overview.index[device.id]), overview)
            #expect((file.privateKey != nil) == mayHave, "visit \(number)")
            #expect((file.presharedKey != nil) == mayHave, "visit \(number)")
            #expect(file.text.contains(presharedKey.revealBase64()) == mayHave, "visit \(number)")
        }
    }

    @Test func `and the page of a device whose key the hub does not have says so`() throws {
        let own = try hub.database.change(by: .system, at: World.start) {
            try $0.addDevice(NewDevice(name: "tower", publicKey: PrivateKey.generate().publicKey)).device
        }
        let text = try browser.get("/devices/\(own.id)").text
        #expect(text.contains("The hub does not have the private key of this device"))
        #expect(!text.contains("It holds the private key") && !text.contains("Show QR code"))
        #expect(try browser.post("/devices/\(own.id)/qr", on: page).text.contains("the code would be of no use"))
        let other = try browser.get(page).text
        #expect(other.contains("It holds the private key") && other.contains("Show QR code"))
    }

    @Test(arguments: [
        ("persistent_keepalive", "17", "Keepalive changed: works as it is."),
        ("endpoint", "other.example.org:51820", "Endpoint changed: will not connect again."),
        ("allowed_ips", "10.3.2.0/25", "Allowed IPs changed: works, but may lack routes to what is new."),
    ])
    func `and the mark says which part differs and whether it matters`(field: String, value: String, sentence: String) throws {
        _ = try browser.download(device)
        #expect(try browser.post("/settings/\(device.id)/edit", ["\(field)_source": "custom", field: value]).status == 303)
        #expect(try browser.get(page).text.contains(sentence))
        #expect(try browser.get("/devices").text.contains("title=\"\(sentence)\">out of date</a>"))
    }
}
