// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

@testable import Store

/// What a restore leaves of each table, and one secret of every kind on its way through a rotation, a backup and a restore.
struct `A hub with a row in every table` {
    private let filled: FilledHub
    private var hub: TemporaryHub { filled.hub }
    private var path: String { hub.temporary.path + "/backup" }

    /// Tables that are empty after a restore: nobody is signed in, and nothing that was handed out before it opens anything.
    private static let emptied: Set = ["login_attempts", "one_time_links", "pending_logins", "sessions", "setup_tokens", "spoken_pairs_since"]
    /// Tables with other rows after a restore.
    private static let changed: Set = ["audit_log", "defaults", "generation"]
    /// Tables that come back as they were. A new table belongs into one of the three lists.
    private static let kept: Set = [
        "access_rules", "accounts", "api_token_scopes", "api_tokens", "audit_anchor", "awaited_confirmations", "default_settings", "departed_keys",
        "device_routes", "device_sessions", "device_settings", "devices", "expectations", "hub", "link_requests", "login_salt", "migrations",
        "observations", "passkeys", "recovery_codes", "secret_key", "service_rule_list", "service_rules", "spoken_pairs", "timed_link_prefixes",
        "timed_links", "totp", "traffic",
    ]

    init() throws { filled = try FilledHub() }

    private func rows(of table: String, in database: Database) throws -> [String] {
        // Sealed values have a new nonce each time they are sealed.
        let sealed = Set(SealedColumn.all.filter { $0.table == table }.map(\.column))
        return try database.read { try FilledHub.rows(of: table, besides: sealed, $0) }
    }

    @Test func `has one in each, and each is in a list of this test`() throws {
        let tables = try hub.read { try FilledHub.tables($0) }
        #expect(Set(tables).subtracting(Self.emptied).subtracting(Self.changed).subtracting(Self.kept) == [])
        #expect(Self.emptied.union(Self.changed).union(Self.kept).subtracting(tables) == [])
        for table in tables { #expect(try !rows(of: table, in: hub.database).isEmpty, "\(table) is empty") }
    }

    @Test func `keeps of each after a restore what it should`() throws {
        try hub.database.backUp(to: path)
        let before = try Self.kept.map { ($0, try rows(of: $0, in: hub.database)) }
        let (entries, generation) = try hub.read { (try $0.auditHead()?.number, try $0.generation().desired) }
        // Everything is different when the backup comes back.
        try hub.change(at: FilledHub.time) { db in for device in try db.devices() { try db.removeDevice(device.id) } }
        try hub.write { try $0.connection.execute("DELETE FROM accounts") }
        _ = try hub.database.restore(from: path, by: .ada, at: FilledHub.time)
        for table in Self.emptied { #expect(try rows(of: table, in: hub.database) == [], "\(table)") }
        for (table, rows) in before { #expect(try self.rows(of: table, in: hub.database) == rows, "\(table)") }
        #expect(try hub.read { try $0.auditHead()?.number } == entries.map { $0 + 1 })
        #expect(try hub.read { try $0.auditEntries(limit: 1) }.map(\.action) == ["database.restore"])
        #expect(try hub.read { try $0.generation().desired } == generation + 2)
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `keeps no key of a backup outside of the backup`() throws {
        try hub.database.backUp(to: path)
        // The copy of the old database is a backup, too.
        let kept = try hub.database.restore(from: path, by: .ada, at: FilledHub.time)
        #expect(try !hub.read { try FilledHub.tables($0) }.contains("backup_key"))
        let key = try Data(contentsOf: URL(fileURLWithPath: hub.folder + "/secret.key"))
        #expect(try hub.fileBytes(except: "secret.key", URL(fileURLWithPath: kept).lastPathComponent).range(of: key) == nil)
    }

    // MARK: Secrets

    /// Opens one secret of every kind. Links do not survive a restore.
    private func expectEverySecret(in database: Database, links: Bool) throws {
        #expect(try database.read { try $0.hubPrivateKey() } == filled.hubKey)
        #expect(try database.read { try $0.privateKey(ofDevice: filled.laptop.id) } == filled.key)
        #expect(try database.read { try $0.presharedKey(ofDevice: filled.laptop.id) } == filled.presharedKey)
        #expect(try database.read { try $0.presharedKeys() } == [filled.laptop.id: filled.presharedKey])
        let code = filled.totp.code(step: FilledHub.time.seconds / TOTP.period)
        #expect(try database.write { try $0.useTOTP(code, ofAccount: filled.account.id, at: FilledHub.time) })
        // Nobody else's place opens with it.
        #expect(try database.write { try !$0.useTOTP(code, ofAccount: filled.account.id, at: FilledHub.time) })
        guard links else { return }
        let used = try database.write { try $0.useLink(filled.link, from: nil, at: FilledHub.time) }
        #expect(used.privateKey == filled.phoneKey)
    }

    @Test func `has a sealed value in every sealed column`() throws {
        for column in SealedColumn.all { #expect(try hub.read { try column.any(in: $0.connection) } != nil, "\(column)") }
    }

    @Test func `opens every secret`() throws { try expectEverySecret(in: hub.database, links: true) }

    @Test func `opens every secret after a rotation, in this process and in a new one`() throws {
        let running = try hub.secondDatabase()
        _ = try hub.database.rotateSecretKey(by: .ada, at: FilledHub.time)
        #expect(try running.read { try $0.privateKey(ofDevice: filled.laptop.id) } == filled.key)
        try expectEverySecret(in: try hub.secondDatabase(), links: true)
    }

    @Test(arguments: [nil, "green tea at four"])
    func `opens every secret after a backup and a restore elsewhere`(passphrase: String?) throws {
        try hub.database.backUp(to: path, passphrase: passphrase)
        let other = try TemporaryHub()
        _ = try other.database.restore(from: path, passphrase: passphrase, by: .ada, at: FilledHub.time)
        try expectEverySecret(in: try other.secondDatabase(), links: false)
    }

    @Test func `opens every secret after a rotation, a backup, a restore and a rotation`() throws {
        _ = try hub.database.rotateSecretKey(by: .ada, at: FilledHub.time)
        try hub.database.backUp(to: path)
        let other = try TemporaryHub()
        _ = try other.database.restore(from: path, by: .ada, at: FilledHub.time)
        _ = try other.database.rotateSecretKey(by: .ada, at: FilledHub.time)
        try expectEverySecret(in: try other.secondDatabase(), links: false)
    }

    /// A secret that is moved to another row must not open there.
    @Test func `binds every secret to its place`() throws {
        for column in SealedColumn.all {
            let (place, value) = try #require(try hub.read { try column.any(in: $0.connection) })
            #expect(throws: Never.self, "\(place)") { _ = try hub.database.secrets.openStored(value, place) }
            let moved = place.split(separator: "/").enumerated().map { $0 == 1 ? "another" : String($1) }.joined(separator: "/")
            #expect(throws: StoreError.self, "\(moved)") { _ = try hub.database.secrets.openStored(value, moved) }
        }
    }
}
