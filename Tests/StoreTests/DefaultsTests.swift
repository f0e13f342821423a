// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

@testable import Store

struct `The defaults` {
    let hub: TemporaryHub

    init() throws {
        hub = try TemporaryHub(
            defaults: Settings(allowedIPs: ["10.3.2.0/24", "fd00::3:2:0/120"], endpoint: HostPort("hub.example.org"), persistentKeepalive: 25))
    }

    @Test func `read back as they were written`() throws {
        let settings = Settings(
            allowedIPs: ["0.0.0.0/0", "::/0"], dns: [.server("9.9.9.9"), .server("2620:fe::fe"), .searchDomain("corp.example")],
            endpoint: HostPort("[2001:db8::1]:51820"), persistentKeepalive: 0, mtu: 1280)
        try change { $0 = settings }
        #expect(try hub.read { try $0.defaults() }.settings == settings)
        try change { $0 = Settings() }
        #expect(try hub.read { try $0.defaults() }.settings == Settings())
    }

    @Test func `apply where a device has no value of its own`() throws {
        let device = try hub.add(.sample("a", overrides: Overrides(persistentKeepalive: .own(0), mtu: .own(1400))))
        let settings = try hub.read { device.settings(over: try $0.defaults()) }
        #expect(
            settings
                == Settings(
                    allowedIPs: ["10.3.2.0/24", "fd00::3:2:0/120"], endpoint: HostPort("hub.example.org"), persistentKeepalive: 0, mtu: 1400))
    }

    @Test func `refuse a stale edit and an MTU out of range`() throws {
        let old = try hub.read { try $0.defaults() }
        try change { $0.mtu = 1400 }
        var edited = old
        edited.settings.mtu = 1300
        #expect(throws: StoreError.stale(expected: old.revision, current: old.revision + 1)) { try hub.change { try $0.update(edited) } }
        #expect(fieldErrors { try change { $0.mtu = 1501 } }?.map(\.field) == ["mtu"])
        #expect(try hub.read { try $0.defaults() }.settings.mtu == 1400)
    }

    @Test func `leave only what changed in the audit log`() throws {
        try change { $0.persistentKeepalive = 0 }
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.before == #"{"persistent_keepalive":"25"}"#)
        #expect(entry.after == #"{"persistent_keepalive":"0"}"#)
    }

    private func change(_ edit: (inout Settings) -> Void) throws {
        try hub.change { db in
            var defaults = try db.defaults()
            edit(&defaults.settings)
            try db.update(defaults)
        }
    }
}

struct `A fetched file` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub(defaults: Settings(persistentKeepalive: 25)) }

    @Test func `is not stale before it is fetched`() throws {
        let device = try hub.add(.sample("a"))
        #expect(!device.isConfigStale)
        #expect(device.fetchedAt == nil)
    }

    @Test func `is stale once a default that the device follows changes`() throws {
        let (follows, own) = (try fetched(.sample("a")), try fetched(.sample("b", overrides: Overrides(persistentKeepalive: .own(10)))))
        try changeDefaults { $0.persistentKeepalive = 15 }
        #expect(try isStale(follows))
        #expect(try !isStale(own))
        try hub.write { try $0.noteConfigFetched(ofDevice: follows, at: 500) }
        #expect(try !isStale(follows))
        #expect(try hub.read { try $0.device(follows) }.fetchedAt == 500)
    }

    @Test func `is stale once its own settings, addresses or keys change`() throws {
        let edits: [(inout Device) -> Void] = [{ $0.ipv4 = "10.3.2.99" }, { $0.ipv6 = nil }, { $0.overrides.mtu = .own(1400) }]
        for (number, edit) in edits.enumerated() {
            let id = try fetched(.sample("d\(number)"))
            try change(id, edit)
            #expect(try isStale(id), "edit \(number)")
        }
        let id = try fetched(.sample("e"))
        _ = try hub.change { try $0.setPresharedKey(.generate(), ofDevice: id) }
        #expect(try isStale(id))
    }

    @Test func `stays good when what it contains stays the same`() throws {
        let id = try fetched(.sample("a"))
        try change(id) { $0.name = "b" }
        try change(id) { $0.routes = ["192.168.0.0/24"] }
        try change(id) { $0.enabled = false }
        try change(id) { $0.overrides.persistentKeepalive = .own(25) }
        #expect(try !isStale(id))
    }

    @Test func `stays stale when a setting stops following the default that made it so`() throws {
        let id = try fetched(.sample("a"))
        try changeDefaults { $0.persistentKeepalive = 15 }
        try change(id) { $0.overrides.persistentKeepalive = .own(15) }
        #expect(try isStale(id))
    }

    private func fetched(_ new: NewDevice) throws -> String {
        let id = try hub.add(new).id
        try hub.write { try $0.noteConfigFetched(ofDevice: id, at: 300) }
        return id
    }

    private func isStale(_ id: String) throws -> Bool { try hub.read { try $0.device(id) }.isConfigStale }

    private func change(_ id: String, _ edit: (inout Device) -> Void) throws {
        try hub.change { db in
            var device = try db.device(id)
            edit(&device)
            try db.update(device)
        }
    }

    private func changeDefaults(_ edit: (inout Settings) -> Void) throws {
        try hub.change { db in
            var defaults = try db.defaults()
            edit(&defaults.settings)
            try db.update(defaults)
        }
    }
}
