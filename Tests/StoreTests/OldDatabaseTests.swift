// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Net
import Testing

@testable import Store

/// A database of the first version, as SQL: Databases/structure-1.sql.
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
        // It continues to work.
        try database.change(by: .ada, at: 1_900_000_000) { _ = try $0.add(.sample("new")) }
        #expect(try database.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `is migrated with everything that it contains`() throws {
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_000)
        #expect(try database.read { try $0.generation() } == Generation(desired: 4, applied: 4, appliedAt: 1_795_661_403))
        try expectEverything(in: database)
    }

    @Test func `keeps settings of every kind, and the generations that changed them`() throws {
        do {
            let old = try bringForward(to: 8)
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
        #expect(laptop.lacks(laptop.fileRevisions.settings[.mtu]))
        #expect(!laptop.lacks(laptop.fileRevisions.settings[.dns]))
        #expect(
            nas.overrides
                == Overrides(
                    dns: .own([DNSEntry("9.9.9.9")!, DNSEntry("lan.example")!]), endpoint: .own(HostPort("hub.example.org:51820")),
                    persistentKeepalive: .own(65_535), mtu: .own(1280)))
        #expect(SettingName.five.map { nas.fileRevisions.settings[$0] } == [4, 2, 2, 2, 2])
        #expect(nas.routes == ["192.168.7.0/24"])
        // It follows the defaults; the MTU is the newest of them.
        #expect(gateway.overrides == Overrides())
        #expect(SettingName.five.map { gateway.fileRevisions.settings[$0] } == [2, 2, 2, 2, 3])
    }

    @Test(arguments: 1...Int((try? Migrations.house().newest) ?? 1))
    func `is migrated from every structure in between`(structure: Int) throws {
        do {
            let connection = try bringForward(to: structure)
            #expect(try connection.first("SELECT max(number) FROM migrations") { try $0.integer() } == Int64(structure))
        }
        try expectEverything(in: Database(folder: folder, migrations: .house(), now: 1_800_000_001))
    }

    /// Structure 10 recreated nearly every table.
    @Test(arguments: 1...9)
    func `keeps every row of every kind`(structure: Int) throws {
        let before: [String: [String]]
        do {
            let connection = try bringForward(to: structure)
            for row in rows where row.since <= structure { try connection.script(row.sql) }
            before = try content(of: connection, like: connection)
        }
        let filled = before.filter { !$0.value.isEmpty && $0.key != "devices" }.keys
        #expect(filled.count >= [6, 6, 7, 8, 10, 15, 16, 16, 16][structure - 1], "\(filled.sorted())")
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_001)
        let old = try bringForward(to: structure, in: "beside")
        let after = try database.read { try content(of: $0.connection, like: old) }
        for (table, rows) in before { #expect(after[table] == rows, "\(table)") }

        // The scopes and the owner of a token moved to separate places.
        try database.read { db in
            let tokens = try db.apiTokens()
            #expect(tokens.map(\.createdBy).sorted() == ["ada@example.org", "command line"])
            #expect(Set(tokens.map(\.scopes)) == [[.read], [.read, .devices, .settings]])
        }
        try database.write { db in
            try db.connection.execute("UPDATE accounts SET role = 'admin' WHERE email = 'eve@example.org'")
            try db.removeAccount("sq49ha59yauirgkp", by: .system, at: 1_800_000_002)
            #expect(try db.apiTokens().map(\.createdBy) == ["command line"])
        }
    }

    @Test func `keeps where its audit log begins`() throws {
        do {
            let connection = try bringForward(to: 8)
            try connection.execute("INSERT INTO audit_anchor SELECT 1, number, hash FROM audit_log WHERE number = 3")
            try connection.execute("DELETE FROM audit_log WHERE number <= 3")
        }
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_001)
        #expect(try database.read { try $0.auditEntries(limit: 100) }.map(\.number) == [7, 6, 5, 4])
        #expect(try database.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    /// The old database with the first migrations applied, or one without rows.
    private func bringForward(to structure: Int, in other: String? = nil) throws -> Connection {
        let some = temporary.path + "/migrations-\(other ?? "")\(structure)"
        try FileManager.default.createDirectory(atPath: some, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: Migrations.houseFolder).sorted().prefix(structure) {
            try FileManager.default.copyItem(atPath: "\(Migrations.houseFolder)/\(name)", toPath: "\(some)/\(name)")
        }
        let path = other.map { temporary.path + "/\($0).db" } ?? folder + "/hairpin.db"
        if other != nil { try DatabaseFile.prepare(path) }
        let connection = try Connection(path: path, mode: .writer)
        try Migrations(folder: some).apply(to: connection, at: 1_800_000_000)
        return connection
    }

    /// Rows by table, written out, in the columns that a table has in `old`. Devices and defaults have tests of their own, the key's name
    /// comes with the first start, and links of before structure 4 and attempts to sign in are not kept.
    private func content(of connection: Connection, like old: Connection) throws -> [String: [String]] {
        let isNew = try old.exists("SELECT 1 FROM pragma_table_info('one_time_links') WHERE name = 'id'")
        let others: Set = [
            "devices", "device_routes", "defaults", "secret_key", "migrations", "login_attempts", isNew ? "" : "one_time_links",
        ]
        var result: [String: [String]] = [:]
        for table in try old.all("SELECT name FROM sqlite_master WHERE type = 'table'", [], { try $0.text() }) where !others.contains(table) {
            let moved: Set = table == "api_tokens" ? ["scopes", "created_by"] : []
            let columns = try old.all("SELECT name FROM pragma_table_info(?) ORDER BY name", [.text(table)]) { try $0.text() }
                .filter { !moved.contains($0) }
            let row = columns.map { "quote(\($0))" }.joined(separator: " || ',' || ")
            result[table] = try connection.all("SELECT \(row) FROM \(table) ORDER BY 1", [], { try $0.text() })
        }
        return result
    }

    /// A row of each kind that old programs wrote, and the structure that introduced it.
    private let rows: [(since: Int, sql: String)] = [
        (1, "INSERT INTO accounts VALUES ('eveeveeveeveeve2', 'eve@example.org', 'eve@example.org', '$argon2id$x', 'viewer', 0, 1795661404)"),
        (
            1,
            """
            INSERT INTO sessions VALUES ('sessionsessions2', randomblob(32), 'eveeveeveeveeve2', randomblob(32), 1795661405, 1795661406, 1795661405,
                '192.0.2.7', 'A browser')
            """
        ),
        (
            1,
            """
            INSERT INTO api_tokens VALUES ('tokentokentoken2', 'script', randomblob(32), 'abcd', 'devices read settings', 'ada@example.org',
                1795661407, NULL, 1795661408, '192.0.2.7')
            """
        ),
        (1, "INSERT INTO login_attempts VALUES ('address:192.0.2.9', 3, 1795661409)"),
        (1, "INSERT INTO departed_keys VALUES (4, randomblob(32))"),
        (
            1,
            """
            INSERT INTO observations (public_key, endpoint, last_handshake_at, greatest_timestamp, received_bytes, sent_bytes, last_seen_at)
            SELECT public_key, '203.0.113.5:40000', 1795661410, randomblob(12), 10, 20, NULL FROM devices LIMIT 2
            """
        ),
        (3, "INSERT INTO awaited_confirmations VALUES (4, 'ada@example.org', 1795661999)"),
        (
            4,
            """
            INSERT INTO one_time_links SELECT 'linklinklinklin2', randomblob(32), id, NULL, 'ada@example.org', 1795661411, 1795662311
            FROM devices LIMIT 1
            """
        ),
        (5, "INSERT INTO traffic SELECT id, 60, 29927690, randomblob(8) FROM devices"),
        (5, "INSERT INTO device_sessions SELECT id, 1795661412, 1795661413, '203.0.113.5:40000' FROM devices"),
        (6, "INSERT INTO totp VALUES ('eveeveeveeveeve2', randomblob(60), 59855380, 1795661414, NULL)"),
        (6, "INSERT INTO recovery_codes VALUES ('eveeveeveeveeve2', randomblob(32)), ('eveeveeveeveeve2', randomblob(32))"),
        (
            6,
            """
            INSERT INTO passkeys VALUES ('passkeypasskeyp2', 'eveeveeveeveeve2', randomblob(64), 'hub.example.org', -7, randomblob(64), 4294967295,
                'key', 1795661415, NULL),
                ('passkeypasskeyp3', 'eveeveeveeveeve2', randomblob(16), 'hub.example.org', -8, randomblob(32), 0, 'phone', 1795661415, 1795661416)
            """
        ),
        (6, "INSERT INTO pending_logins VALUES (randomblob(32), 'eveeveeveeveeve2', 1795661417)"),
        (6, "UPDATE access_rules SET second_factor_required = 1"),
        (7, "UPDATE access_rules SET audit_days = 36500"),
    ]

    @Test func `can be restored like a backup with its key`() throws {
        let old = temporary.path + "/old.db"
        try FileManager.default.moveItem(atPath: folder + "/hairpin.db", toPath: old)
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_000)
        _ = try database.restore(from: old, by: .ada, at: 1_800_000_001)
        try expectEverything(in: database)
    }
}

extension SettingName {
    /// The settings that existed before settings had rows.
    fileprivate static let five: [SettingName] = [.allowedIPs, .persistentKeepalive, .endpoint, .dns, .mtu]
}
