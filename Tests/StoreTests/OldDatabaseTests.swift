// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Net
import Testing

@testable import Store

/// A database that the first program made, in its own words: Databases/structure-1.sql.
struct `A database of an old program` {
    private let temporary: TemporaryFolder
    private var folder: String { temporary.path + "/data" }

    init() throws {
        temporary = try TemporaryFolder()
        let dump = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Databases/structure-1.sql")
        let text = try String(contentsOf: dump, encoding: .utf8)
        let digits = try #require(text.firstMatch(of: /-- secret.key: ([0-9a-f]{64})/)?.1)
        let key = try stride(from: 0, to: 64, by: 2).map { try #require(UInt8(digits.dropFirst($0).prefix(2), radix: 16)) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        FileManager.default.createFile(atPath: folder + "/secret.key", contents: Data(key), attributes: [.posixPermissions: 0o600])
        try DatabaseFile.prepare(folder + "/hairpin.db")
        try Connection(path: folder + "/hairpin.db", mode: .writer).script(text)
    }

    private func expectEverything(in database: Database) throws {
        try database.read { db in
            #expect(try db.devices().map(\.name) == ["Büro gateway", "laptop", "nas"])
            for device in try db.devices() { #expect(try db.privateKey(ofDevice: device.id)?.publicKey == device.publicKey) }
            #expect(try db.hubPrivateKey().publicKey == db.hub().publicKey)
            #expect(try db.defaults().settings.persistentKeepalive == 25)
            #expect(try db.accounts().map(\.email) == ["ada@example.org"])
            #expect(try db.firstBrokenAuditEntry() == nil)
            #expect(try db.auditEntries(limit: 100).contains { $0.number == 1 && $0.action == "hub.make" })
            #expect(try db.connection.first("PRAGMA integrity_check") { try $0.text() } == "ok")
        }
        // It works on.
        try database.change(by: .ada, at: 1_900_000_000) { _ = try $0.add(.sample("new")) }
        #expect(try database.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `is brought forward with all that it holds`() throws {
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_000)
        #expect(try database.read { try $0.generation() } == Generation(desired: 4, applied: 4, appliedAt: 1_795_661_403))
        try expectEverything(in: database)
    }

    /// Applies the first migrations only.
    @discardableResult
    private func bring(to structure: Int) throws -> Connection {
        let some = temporary.path + "/migrations"
        try FileManager.default.createDirectory(atPath: some, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: Migrations.houseFolder).sorted().prefix(structure) {
            try FileManager.default.copyItem(atPath: "\(Migrations.houseFolder)/\(name)", toPath: "\(some)/\(name)")
        }
        let connection = try Connection(path: folder + "/hairpin.db", mode: .writer)
        try Migrations(folder: some).apply(to: connection, at: 1_800_000_000)
        #expect(try connection.first("SELECT max(number) FROM migrations") { try $0.integer() } == Int64(structure))
        return connection
    }

    @Test func `keeps settings of every kind, and the generations that changed them`() throws {
        do {
            let old = try bring(to: 8)
            try old.script(
                """
                UPDATE defaults SET dns = '10.3.2.1, lan.example', dns_revision = 2, mtu = 1420, mtu_revision = 3, revision = 3;
                UPDATE devices SET addresses_revision = 2, key_revision = 2, preshared_key_revision = 2, allowed_ips_revision = 2,
                    dns_revision = 2, endpoint_revision = 2, persistent_keepalive_revision = 2, mtu_revision = 2;
                UPDATE devices SET allowed_ips = '10.3.2.3/32, fd00::3:2:3/128', allowed_ips_revision = 3, dns = '', endpoint = '',
                    endpoint_revision = 4, persistent_keepalive = 0, mtu = 0, mtu_revision = 4, fetched_config_revision = 2, fetched_at = 9
                    WHERE name = 'laptop';
                UPDATE devices SET allowed_ips = NULL, allowed_ips_revision = 4, dns = '9.9.9.9, lan.example', endpoint = 'hub.example.org:51820',
                    persistent_keepalive = 65535, mtu = 1280 WHERE name = 'nas';
                DELETE FROM device_routes;
                INSERT INTO device_routes SELECT X'C0A80700', 24, id, 0 FROM devices WHERE name = 'nas';
                """)
        }
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_001)
        try expectEverything(in: database)
        let (defaults, laptop, nas, gateway) = try database.read {
            (
                try $0.defaults(), try #require(try $0.device(named: "laptop")), try #require(try $0.device(named: "nas")),
                try #require(try $0.device(named: "büro gateway"))
            )
        }
        #expect(
            defaults.settings
                == Settings(
                    allowedIPs: ["10.3.2.0/24", "fd00::3:2:0/120"], dns: [DNSEntry("10.3.2.1")!, DNSEntry("lan.example")!],
                    endpoint: HostPort("hub.example.org"), persistentKeepalive: 25, mtu: 1420))
        #expect(defaults.revision == 3)
        #expect(SettingName.five.map { defaults.fieldRevisions[$0] } == [1, 0, 1, 2, 3])
        #expect(
            laptop.overrides
                == Overrides(
                    allowedIPs: .own(["10.3.2.3/32", "fd00::3:2:3/128"]), dns: .own([]), endpoint: .own(nil), persistentKeepalive: .own(0),
                    mtu: .own(nil)))
        #expect(SettingName.five.map { laptop.fileRevisions.settings[$0] } == [3, 2, 4, 2, 4])
        #expect(laptop.lacks(laptop.fileRevisions.settings[.mtu]) && !laptop.lacks(laptop.fileRevisions.settings[.dns]))
        #expect(
            nas.overrides
                == Overrides(
                    dns: .own([DNSEntry("9.9.9.9")!, DNSEntry("lan.example")!]), endpoint: .own(HostPort("hub.example.org:51820")),
                    persistentKeepalive: .own(65_535), mtu: .own(1280)))
        #expect(SettingName.five.map { nas.fileRevisions.settings[$0] } == [4, 2, 2, 2, 2])
        #expect(nas.routes == ["192.168.7.0/24"])
        // It follows the defaults, the newest of which is the MTU.
        #expect(gateway.overrides == Overrides() && SettingName.five.map { gateway.fileRevisions.settings[$0] } == [2, 2, 2, 2, 3])
    }

    @Test(arguments: 1...Int((try? Migrations.house().newest) ?? 1))
    func `is brought forward from every structure between`(structure: Int) throws {
        try bring(to: structure)
        try expectEverything(in: Database(folder: folder, migrations: .house(), now: 1_800_000_001))
    }

    @Test func `is restored like a backup by whoever has its key`() throws {
        let old = temporary.path + "/old.db"
        try FileManager.default.moveItem(atPath: folder + "/hairpin.db", toPath: old)
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_000)
        _ = try database.restore(from: old, by: .ada, at: 1_800_000_001)
        try expectEverything(in: database)
    }
}

extension SettingName {
    /// Those of before the rows.
    fileprivate static let five: [SettingName] = [.allowedIPs, .persistentKeepalive, .endpoint, .dns, .mtu]
}
