// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The notice about a private endpoint` {
    private let question = "which is not reachable from the Internet. Is that the right address?"

    @Test func `ends once an admin confirms the endpoint, and returns with another one`() throws {
        let hub = try TestSite(endpoint: "192.168.1.5:51820")
        try hub.add("nas")
        let browser = try hub.signedIn()
        for path in ["/devices", "/settings/defaults"] { #expect(try browser.get(path).text.contains(question)) }
        let answer = try browser.post("/settings/defaults/endpoint", on: "/devices", ["endpoint": "192.168.1.5:51820"])
        #expect(answer.location == "/settings/defaults?done=endpoint_confirmed")
        for path in ["/devices", "/settings/defaults"] { #expect(try !browser.get(path).text.contains(question)) }
        let entry = try #require(try hub.database.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "defaults.confirm_endpoint" && entry.author.name == "ada@example.org")

        try hub.database.change(by: .system, at: World.start) {
            var defaults = try $0.defaults()
            defaults.settings.endpoint = HostPort("192.168.1.6:51820")
            try $0.update(defaults)
        }
        #expect(try browser.get("/devices").text.contains(question))
    }

    @Test func `does not confirm an endpoint that somebody replaced in the meantime`() throws {
        let hub = try TestSite(endpoint: "192.168.1.5:51820")
        let browser = try hub.signedIn()
        let generation = try hub.database.read { try $0.generation().desired }
        let answer = try browser.post("/settings/defaults/endpoint", on: "/settings/defaults", ["endpoint": "192.168.1.4:51820"])
        #expect(answer.location == "/settings/defaults")
        #expect(try hub.database.read { try $0.generation().desired } == generation)
    }

    @Test func `offers no button when there is no endpoint to confirm`() throws {
        let hub = try TestSite(endpoint: nil)
        let page = try hub.signedIn().get("/devices").text
        #expect(page.contains("their files name no endpoint"))
        #expect(!page.contains("Yes, it is right"))
    }
}
