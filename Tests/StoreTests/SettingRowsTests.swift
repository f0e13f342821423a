// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

struct `Rows of devices and settings` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub(defaults: Settings(persistentKeepalive: 25)) }

    @Test(arguments: [
        "UPDATE devices SET name = ''", "UPDATE devices SET name = replace(hex(zeroblob(300)), '00', 'ab')", "UPDATE devices SET name_key = ''",
        "UPDATE devices SET enabled = 2", "UPDATE devices SET public_key = zeroblob(31)", "UPDATE devices SET private_key = zeroblob(32)",
        "UPDATE devices SET ipv4 = zeroblob(16)", "UPDATE devices SET ipv6 = zeroblob(4)", "UPDATE devices SET revision = -1",
        "UPDATE device_routes SET length = 33", "UPDATE device_routes SET address = zeroblob(5)", "UPDATE device_routes SET device_id = 'nobody'",
        "UPDATE device_settings SET value = '1501' WHERE key = 'mtu'", "UPDATE device_settings SET value = '9x' WHERE key = 'mtu'",
        "UPDATE device_settings SET key = ''", "UPDATE device_settings SET device_id = 'nobody'",
        "UPDATE default_settings SET value = '65536' WHERE key = 'persistent_keepalive'", "UPDATE default_settings SET value = NULL",
        "UPDATE default_settings SET value = '' WHERE key = 'persistent_keepalive'", "UPDATE defaults SET revision = -1",
    ])
    func `are refused by the database if they break a rule`(sql: String) throws {
        try hub.add(.sample("a", routes: ["192.168.7.0/24"], overrides: Overrides(mtu: .own(1280))))
        let error = try #require(throws: StoreError.self) { try hub.database.writer.execute(sql) }
        #expect("\(error)".contains("constraint failed"))
    }

    @Test func `exist only for settings that are or once were not the default`() throws {
        let device = try hub.add(.sample("a"))
        #expect(try rows() == [])
        var edited = device
        edited.overrides.mtu = .own(nil)
        edited.overrides.dns = .own([DNSEntry("9.9.9.9")!, DNSEntry("lan.example")!])
        edited = try hub.change { try $0.update(edited) }
        #expect(try rows() == ["dns 9.9.9.9, lan.example 3", "mtu  2"])
        edited.overrides.dns = .inherit
        edited = try hub.change { try $0.update(edited) }
        #expect(try rows() == ["dns default 4", "mtu  2"])
        #expect(edited.fileRevisions.settings[.dns] == 4)
        try hub.change { try $0.removeDevice(device.id) }
        #expect(try rows() == [])
    }

    @Test func `of settings that this program does not know are ignored`() throws {
        let device = try hub.add(.sample("a", overrides: Overrides(mtu: .own(1280))))
        try hub.database.writer.execute("INSERT INTO device_settings VALUES (?, 'later', 'x', 9)", [.text(device.id)])
        try hub.database.writer.execute("INSERT INTO default_settings VALUES ('later', 'x', 9)")
        #expect(try hub.secondDatabase().read { try $0.device(device.id) } == device)
        #expect(try hub.read { try $0.defaults() }.settings == Settings(persistentKeepalive: 25))
    }

    @Test func `that contain no valid value are reported`() throws {
        try hub.add(.sample("a", overrides: Overrides(dns: .own([]))))
        try hub.database.writer.execute("UPDATE device_settings SET value = 'a b/c'")
        #expect(throws: StoreError.self) { try hub.secondDatabase().read { try $0.devices() } }
    }

    private func rows() throws -> [String] {
        try hub.read {
            try $0.connection.all("SELECT key || ' ' || coalesce(value, 'default') || ' ' || revision FROM device_settings ORDER BY key") {
                try $0.text()
            }
        }
    }
}
