// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

struct `A device` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    @Test func `gets the lowest free addresses and reads back as it was added`() throws {
        let key = PrivateKey.generate()
        let device = try hub.add(
            NewDevice(
                name: "laptop", description: "of Ada", expiresAt: 900, publicKey: key.publicKey, privateKey: key,
                routes: ["192.168.7.0/24", "fd12::/64"],
                overrides: Overrides(
                    allowedIPs: .own(["10.3.2.0/24", "fd00::3:2:0/120"]), dns: .own([.server("10.3.2.1"), .searchDomain("corp.example")]),
                    endpoint: .own(nil), persistentKeepalive: .own(0), mtu: .own(1280))))
        #expect(device.ipv4 == "10.3.2.2")
        #expect(device.ipv6 == "fd00::3:2:2")
        #expect(device.hasPrivateKey)
        #expect(!device.hasPresharedKey)
        #expect(device.ownedPrefixes == ["10.3.2.2/32", "fd00::3:2:2/128", "192.168.7.0/24", "fd12::/64"])
        #expect(device.overrides.dns == .own([.server("10.3.2.1"), .searchDomain("corp.example")]))
        #expect(device.overrides.endpoint == .own(nil))
        #expect(try hub.read { try $0.device(device.id) } == device)
        #expect(try hub.read { try $0.devices() } == [device])
        #expect(try hub.read { try $0.device(named: "LAPTOP") } == device)
        #expect(try hub.read { try $0.device(publicKey: key.publicKey) } == device)
        #expect(try hub.read { try $0.privateKey(ofDevice: device.id) } == key)
    }

    @Test func `keeps its tags in lower case, each once and in order`() throws {
        var device = try hub.add(
            NewDevice(name: "a", tags: ["Field", "berlin", "field"].compactMap { Tag($0) }, publicKey: PrivateKey.generate().publicKey))
        #expect(device.tags.map(\.description) == ["berlin", "field"])
        let revision = device.revision
        device.tags.reverse()
        device = try hub.change { try $0.update(device) }
        #expect(device.revision == revision)
        device.tags = []
        #expect(try hub.change { try $0.update(device) }.tags == [])
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.before == #"{"tags":"berlin, field"}"#)
        #expect(entry.after == #"{"tags":""}"#)
        device = try hub.read { try $0.device(device.id) }
        device.tags = (0..<17).compactMap { Tag("t\($0)") }
        #expect(fieldErrors { _ = try hub.change { try $0.update(device) } }?.map(\.field) == ["tags"])
    }

    @Test(arguments: ["", "two words", "a,b", "a/b", "<b>", "a\nb", String(repeating: "x", count: 33)])
    func `has no tag that is not one word`(text: String) { #expect(Tag(text) == nil) }

    @Test func `has an id of 16 characters that is not a counter`() throws {
        let (a, b) = (try hub.add(.sample("a")), try hub.add(.sample("b")))
        #expect(a.id.count == 16)
        #expect(a.id != b.id)
        #expect(a.id.allSatisfy { "abcdefghijkmnpqrstuvwxyz23456789".contains($0) })
    }

    @Test func `fills the lowest gap`() throws {
        let devices = try ["a", "b", "c"].map { try hub.add(.sample($0)) }
        try hub.change { try $0.removeDevice(devices[1].id) }
        #expect(try hub.add(.sample("d")).ipv4 == "10.3.2.3")
        #expect(try hub.add(.sample("e")).ipv4 == "10.3.2.5")
    }

    @Test func `is listed by name, ignoring case`() throws {
        for name in ["beta", "Alpha", "gamma"] { try hub.add(.sample(name)) }
        #expect(try hub.read { try $0.devices() }.map(\.name) == ["Alpha", "beta", "gamma"])
    }

    @Test func `is changed by an edited copy`() throws {
        var device = try hub.add(.sample("laptop"))
        device.name = "tower"
        device.enabled = false
        device.ipv4 = "10.3.2.77"
        device.routes = ["172.16.0.0/12"]
        device.overrides.mtu = .own(1400)
        let updated = try hub.change(at: 300) { try $0.update(device) }
        #expect(updated.name == "tower")
        #expect(!updated.enabled)
        #expect(updated.ipv4 == "10.3.2.77")
        #expect(updated.routes == ["172.16.0.0/12"])
        #expect(updated.overrides.mtu == .own(1400))
        #expect(updated.revision > device.revision)
        #expect(updated.updatedAt == 300)
        #expect(updated.createdAt == 200)
    }

    @Test func `that was changed in the meantime refuses the older copy`() throws {
        let old = try hub.add(.sample("laptop"))
        var first = old
        first.name = "first"
        let current = try hub.change { try $0.update(first) }
        var second = old
        second.name = "second"
        #expect(throws: StoreError.stale(expected: old.revision, current: current.revision)) { try hub.change { try $0.update(second) } }
        #expect(try hub.read { try $0.device(old.id) }.name == "first")
    }

    @Test func `that is unknown is named in the error`() throws {
        #expect(throws: StoreError.notFound(kind: "device", id: "nobody")) { try hub.read { try $0.device("nobody") } }
        #expect(throws: StoreError.notFound(kind: "device", id: "nobody")) { try hub.change { try $0.removeDevice("nobody") } }
    }

    @Test func `may change its name only in case`() throws {
        var device = try hub.add(.sample("laptop"))
        device.name = "Laptop"
        #expect(try hub.change { try $0.update(device) }.name == "Laptop")
    }

    @Test func `is a peer until it is disabled or expires`() throws {
        var device = try hub.add(.sample("laptop"))
        device.expiresAt = 500
        #expect(device.isActive(at: 499))
        #expect(!device.isActive(at: 500))
        device.expiresAt = nil
        device.enabled = false
        #expect(!device.isActive(at: 0))
    }

    @Test func `with a new key loses the observations of the old one`() throws {
        let device = try hub.add(.sample("laptop"))
        try hub.database.write { try $0.recordObservations([.sample(device.publicKey)]) }
        let key = PrivateKey.generate()
        let updated = try hub.change { try $0.replaceKey(ofDevice: device.id, publicKey: key.publicKey, privateKey: nil) }
        #expect(updated.publicKey == key.publicKey)
        #expect(try hub.read { try $0.observations() }.isEmpty)
    }

    @Test func `has a preshared key until it is removed`() throws {
        let device = try hub.add(.sample("laptop"))
        let key = PresharedKey.generate()
        #expect(try hub.change { try $0.setPresharedKey(key, ofDevice: device.id) }.hasPresharedKey)
        #expect(try hub.read { try $0.presharedKeys() } == [device.id: key])
        #expect(try hub.read { try $0.presharedKey(ofDevice: device.id) } == key)
        #expect(try hub.change { try $0.setPresharedKey(nil, ofDevice: device.id) }.hasPresharedKey == false)
        #expect(try hub.read { try $0.presharedKey(ofDevice: device.id) } == nil)
    }
}
