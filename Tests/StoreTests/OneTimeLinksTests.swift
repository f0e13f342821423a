// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Store

struct `A one-time link` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(.sample("laptop"))
    }

    @Test func `opens once, however often it is looked at`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: 1_000) }
        for _ in 0..<3 { #expect(try hub.read { try $0.device(ofLink: token, at: 1_001) } == device) }
        #expect(try hub.write { try $0.useLink(token, from: "192.0.2.9", at: 1_002) } == device)
        #expect(throws: StoreError.tokenRefused) { try hub.write { try $0.useLink(token, from: "192.0.2.9", at: 1_003) } }
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "link.use")
        #expect(entry.author == Author(name: "link", address: "192.0.2.9"))
    }

    @Test func `lives for a quarter of an hour at most`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, validFor: 1_000_000, by: .ada, at: 1_000) }
        #expect(try hub.read { try $0.device(ofLink: token, at: 1_899) } != nil)
        #expect(throws: StoreError.tokenRefused) { try hub.write { try $0.useLink(token, from: nil, at: 1_900) } }
    }

    @Test func `goes with its device`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: 1_000) }
        try hub.change { try $0.removeDevice(device.id) }
        #expect(try hub.read { try $0.device(ofLink: token, at: 1_001) } == nil)
    }
}
