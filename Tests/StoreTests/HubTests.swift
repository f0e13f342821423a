// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing

@testable import Store

struct `The hub` {
    @Test func `takes the first address of each network`() throws {
        let hub = try TemporaryHub().read { try $0.hub() }
        #expect(hub.ipv4 == "10.3.2.1")
        #expect(hub.ipv6 == "fd00::3:2:1")
        #expect(hub.name == "hub")
    }

    @Test func `is made once, with its key sealed`() throws {
        let hub = try TemporaryHub()
        let before = try hub.read { try ($0.hub(), $0.generation()) }
        try hub.change {
            try $0.makeHub(name: "other", privateKey: .generate(), ipv4Network: nil, ipv6Network: nil, defaults: Settings())
        }
        let after = try hub.read { try ($0.hub(), $0.generation()) }
        #expect(after == before)
        #expect(try hub.read { try $0.hubPrivateKey() }.publicKey == before.0.publicKey)
    }

    @Test func `missing is named in the error`() throws {
        let temporary = try TemporaryFolder()
        let database = try Database(folder: temporary.path + "/data", migrations: .house(), now: 100)
        #expect(try database.read { try $0.hubIfMade() } == nil)
        #expect(throws: StoreError.self) { try database.read { try $0.hub() } }
    }

    @Test(arguments: ["10.0.0.0/31", "10.0.0.0/32"]) func `refuses a network without room`(network: String) {
        #expect(throws: StoreError.self) { _ = try TemporaryHub(network: IPPrefix(network)!) }
    }

    @Test func `is renamed and told its portal`() throws {
        let hub = try TemporaryHub()
        var edited = try hub.read { try $0.hub() }
        edited.name = "office"
        edited.portalURL = "https://hub.example.org"
        try hub.change { try $0.update(edited) }
        let updated = try hub.read { try $0.hub() }
        #expect(updated.name == "office")
        #expect(updated.portalURL == "https://hub.example.org")
        #expect(throws: StoreError.stale(expected: edited.revision, current: updated.revision)) {
            edited.name = "late"
            try hub.change { try $0.update(edited) }
        }
    }

    @Test(arguments: ["10.4.0.0/24", nil] as [IPPrefix?])
    func `keeps its network while devices live in it`(network: IPPrefix?) throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop"))
        var edited = try hub.read { try $0.hub() }
        edited.ipv4Network = network
        let errors = try #require(fieldErrors { try hub.change { try $0.update(edited) } })
        #expect(errors.map(\.field) == ["network"])
        #expect(errors[0].message.description.hasPrefix("laptop"))
    }

    @Test func `grows its network around the devices`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop"))
        var edited = try hub.read { try $0.hub() }
        edited.ipv4Network = "10.3.2.0/23"
        try hub.change { try $0.update(edited) }
        #expect(try hub.read { try $0.hub() }.ipv4Network == "10.3.2.0/23")
    }
}
