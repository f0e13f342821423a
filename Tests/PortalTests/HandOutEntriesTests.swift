// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

/// Each way in which a private key leaves the hub, also if the device has had its file long since.
@Suite struct `A private key that is shown` {
    let hub: TestSite
    let device: Device
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        let added = try hub.add("nas")
        try hub.database.write { try $0.noteConfigFetched(ofDevice: added.id, at: World.start) }
        device = try hub.device(added.id)
        browser = try hub.signedIn()
    }

    /// The entries of hand-outs: "author action".
    private func entries() throws -> [String] {
        try hub.database.read { try $0.auditEntries(limit: 100) }.filter { ["device.fetch_config", "device.export"].contains($0.action) }
            .map { "\($0.author.name) \($0.action) \($0.target == "device/\(device.id)" ? "nas" : $0.target)" }.reversed()
    }

    private static let ways: [(name: String, use: @Sendable (Browsing, APIClient, Device) throws -> Answer)] = [
        ("download", { browser, _, device in try browser.download(device) }),
        ("code", { browser, _, device in try browser.post("/devices/\(device.id)/qr", on: "/devices/\(device.id)") }),
        ("codes", { browser, _, device in try browser.post("/devices/selected", on: "/devices", ["action": "codes", "device": device.id]) }),
        ("API", { _, api, device in try api.send("GET", "/devices/\(device.id)/config") }),
        ("API code", { _, api, device in try api.send("GET", "/devices/\(device.id)/qr.svg") }),
    ]

    @Test(arguments: ways.map(\.name))
    func `leaves one entry per author and hour`(name: String) throws {
        let way = try #require(Self.ways.first { $0.name == name })
        let api = try hub.api(.devices)
        let author = name.hasPrefix("API") ? "token script" : "ada@example.org"
        for _ in 0..<3 { #expect(try way.use(browser, api, device).status == 200) }
        #expect(try entries() == ["\(author) device.fetch_config nas"])
        hub.world.advance(seconds: 3600)
        let later = try hub.signedIn()
        #expect(try way.use(later, api, device).status == 200)
        #expect(try entries().count == 2)
    }

    @Test func `in an export leaves one entry with the number of devices, whether or not they count as delivered`() throws {
        let other = try hub.add("laptop")
        let ids = [("device", device.id), ("device", other.id)]
        #expect(try browser.post("/devices/selected", on: "/devices", pairs: [("action", "export")] + ids).status == 200)
        #expect(try entries() == ["ada@example.org device.export devices"])
        let entry = try #require(try hub.database.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.after == #"{"devices":"2"}"#)
        #expect(try browser.get("/audit").text.contains("Exported files"))
        // The one that has its file needs no entry of its own.
        let answer = try browser.post("/devices/selected", on: "/devices", pairs: [("action", "export"), ("installed", "on")] + ids)
        #expect(!answer.bytes.isEmpty)
        #expect(
            try entries().dropFirst() == ["ada@example.org device.export devices", "ada@example.org device.fetch_config device/\(other.id)"])
    }

    @Test func `does not count as delivered, nor make the list of outdated files longer or shorter, by being read in the API`() throws {
        let api = try hub.api(.read, .devices)
        _ = try api.send("PATCH", "/devices/\(device.id)", ["mtu": 1280])
        _ = try api.send("GET", "/devices/\(device.id)/config")
        #expect(try entries() == ["token script device.fetch_config nas"])
        #expect(try api.send("GET", "/devices/\(device.id)").json()["config_stale"] == true)
    }

    @Test func `is not shown if the entry cannot be written`() throws {
        struct Full: Error {}
        let api = try hub.api(.devices)
        Database.$refusal.withValue(Full()) {
            let text = (try? api.send("GET", "/devices/\(device.id)/config").text) ?? ""
            #expect(!text.contains("PrivateKey"))
        }
    }
}
