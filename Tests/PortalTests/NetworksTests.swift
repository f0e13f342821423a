// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The address range` {
    private let path = "/settings/networks"

    @Test func `grows after a preview, and can be undone`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        try hub.database.write { try $0.noteConfigFetched(ofDevice: device.id, at: World.start) }
        let browser = try hub.signedIn()
        let preview = try browser.post(path, ["network": "10.3.0.0/16, fd00::3:2:0/120", "step": "preview"])
        #expect(preview.status == 200)
        #expect(preview.text.contains("Address range: 10.3.2.0/24, fd00::3:2:0/120 → 10.3.0.0/16, fd00::3:2:0/120"))
        #expect(preview.text.contains("nas needs its new file: Allowed IPs"))
        #expect(preview.text.contains("No session ends."))
        #expect(try hub.database.read { try $0.hub().networks[0].description } == "10.3.2.0/24")
        let saved = try browser.post(path, ["network": "10.3.0.0/16, fd00::3:2:0/120"])
        #expect(try #require(saved.location).hasPrefix("/settings/networks?change="))
        #expect(try hub.database.read { try $0.hub().networks[0].description } == "10.3.0.0/16")
        let change = try hub.database.read { try $0.generation().desired }
        let page = try browser.get("/changes/\(change)")
        #expect(page.text.contains("Address range: 10.3.0.0/16, fd00::3:2:0/120 → 10.3.2.0/24, fd00::3:2:0/120"))
        #expect(try browser.post("/changes/\(change)/revert", on: "/changes/\(change)").status == 303)
        #expect(try hub.database.read { try $0.hub().networks[0].description } == "10.3.2.0/24")
    }

    @Test func `is undone by the API as on the page, including the hub's own part`() throws {
        let hub = try TestSite()
        try hub.add("nas")
        let change = try hub.database.change(by: .system, at: World.start) {
            try $0.setNetworks(["10.3.0.0/16", "fd00::3:2:0/120"].compactMap { IPPrefix($0) })
            return $0.generation
        }
        let api = try hub.api(.settings)
        let request = try Request(
            text: "POST /api/v1/changes/\(change)/revert HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer \(api.token)\r\n\r\n")
        guard case .found(let route, let parameters) = Router(Routes.table).match(.post, request.path) else {
            Issue.record("no such route")
            return
        }
        let visit = try Guard(site: hub.site).admit(request, parameters, to: route.payload)
        let effect = try visit.effect(ofReverting: change, on: visit.overview())
        let range = try #require(effect.fields.first { $0.device == nil && "\($0.label)" == "Address range" })
        #expect("\(range.after)" == "10.3.2.0/24, fd00::3:2:0/120")
        let answer = try api.send("POST", "/changes/\(change)/revert")
        #expect(try answer.json() == effect.json(generation: change + 1))
        #expect(try hub.database.read { try $0.hub().networks[0].description } == "10.3.2.0/24")
    }

    @Test func `cannot exclude a device, and says why beside the field`() throws {
        let hub = try TestSite()
        try hub.add("nas")
        let answer = try hub.signedIn().post(path, ["network": "10.9.0.0/24"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("nas has the address 10.3.2.2, which a device cannot have in 10.9.0.0/24. Devices keep their addresses"))
        #expect(answer.text.contains("value=\"10.9.0.0/24\""))
    }

    @Test func `may keep an overlap with a network of this machine, but not add one`() throws {
        let hub = try TestSite()
        hub.world.engine.withLock { $0.hostNetworks = ["10.3.2.0/24", "10.4.0.0/16"].compactMap { IPPrefix($0) } }
        let browser = try hub.signedIn()
        #expect(try browser.post(path, ["network": "10.3.2.0/24"]).status == 303)
        let refused = try browser.post(path, ["network": "10.4.2.0/24"])
        #expect(refused.status == 422)
        #expect(refused.text.contains("Choose another, such as 10.5.2.0/24."))
    }

    @Test func `answers a stale form with both versions`() throws {
        let hub = try TestSite()
        let answer = try hub.signedIn().post(path, ["network": "10.9.0.0/24", "revision": "0"])
        #expect(answer.status == 409)
        #expect(answer.text.contains("Saved now: <span class=\"mono\">10.3.2.0/24, fd00::3:2:0/120</span>"))
        #expect(answer.text.contains("value=\"10.9.0.0/24\""))
    }

    @Test func `is shown to a viewer, who cannot change it`() throws {
        let hub = try TestSite()
        let viewer = try hub.signedIn(role: .viewer)
        #expect(try viewer.get(path).text.contains("<fieldset disabled>"))
        #expect(try viewer.get("/status").text.contains("href=\"/settings/networks\""))
    }
}
