// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Store
import Testing

@testable import Portal

@Suite struct `The page of outdated files` {
    let hub: TestSite
    let devices: [Device]
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        devices = try ["alpha", "beta", "gamma"].map { [hub] in try hub.add($0) }
        browser = try hub.signedIn()
        for device in devices { try hub.database.write { try $0.noteConfigFetched(ofDevice: device.id, at: World.start) } }
    }

    private func change(_ device: Device, _ values: [String: String]) throws {
        #expect(try browser.post("/settings/\(device.id)/edit", values).status == 303)
    }

    private func names() throws -> [String] {
        try browser.get("/devices/out-of-date").text.matches(of: /class="name" href="[^"]+">([^<]+)</).map { String($0.1) }
    }

    @Test func `is linked from the list by its count, says what changed, and has the worst first`() throws {
        #expect(try !browser.get("/devices").text.contains("/devices/out-of-date"))
        #expect(try browser.get("/devices/out-of-date").text.contains("Every device has its newest file."))
        try change(devices[0], ["mtu_source": "custom", "mtu": "1280"])
        try change(devices[2], ["endpoint_source": "custom", "endpoint": "other.example.org:51820"])
        #expect(try browser.get("/devices").text.contains("<a href=\"/devices/out-of-date\">2 out of date</a>"))
        #expect(try names() == ["gamma", "alpha"])
        let text = try browser.get("/devices/out-of-date").text
        #expect(text.contains("<td>Endpoint changed: will not connect again.</td>") && text.contains("<td>MTU changed: works as it is.</td>"))
    }

    @Test func `has the actions for one device and for several`() throws {
        for device in devices { try change(device, ["mtu_source": "custom", "mtu": "1280"]) }
        let page = "/devices/out-of-date"
        for action in ["config", "qr", "installed"] {
            #expect(try browser.get(page).text.contains("action=\"/devices/\(devices[0].id)/\(action)\""))
        }
        #expect(try browser.post("/devices/\(devices[0].id)/installed", on: page, ["next": page]).location == "\(page)?done=installed")
        #expect(try names() == ["beta", "gamma"])
        let answer = try browser.post("/devices/selected", on: page, ["device": devices[1].id, "action": "installed", "next": page])
        #expect(answer.location == "\(page)?done=installed")
        #expect(try names() == ["gamma"])
        #expect(try !hub.signedIn(role: .viewer).get(page).text.contains("<form method=\"post\" action=\"/devices"))
    }
}
