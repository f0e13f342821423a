// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import Store

/// Somebody who may write to a database or a backup plants something that works later.
struct `A foreign schema` {
    static let plants = [
        (
            "CREATE TRIGGER helper AFTER INSERT ON sessions BEGIN UPDATE accounts SET role = 'admin'; END",
            "trigger “helper” that is not part of a hub"
        ),
        ("CREATE VIEW people AS SELECT email FROM accounts", "view “people” that is not part of a hub"),
        ("CREATE TABLE extra (a INTEGER PRIMARY KEY) STRICT", "table “extra” that is not part of a hub"),
        ("CREATE INDEX more ON sessions (address)", "index “more” that is not part of a hub"),
        ("DROP TRIGGER audit_log_never_changes", "lacks the trigger “audit_log_never_changes”"),
        ("DROP INDEX sessions_by_account", "lacks the index “sessions_by_account”"),
        ("ALTER TABLE accounts ADD COLUMN note TEXT", "table “accounts” that was changed"),
        ("CREATE TABLE backup_key_2 (a INTEGER PRIMARY KEY) STRICT", "table “backup_key_2” that is not part of a hub"),
        (
            "DROP TABLE IF EXISTS backup_key; CREATE TABLE backup_key (one INTEGER PRIMARY KEY, key BLOB, more TEXT) STRICT",
            "table “backup_key” that is not part of a hub"
        ),
        (
            // A name that SQLite keeps for itself.
            rewriting(
                """
                INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('trigger', 'sqlite_helper', 'sessions', 0,
                    'CREATE TRIGGER sqlite_helper AFTER INSERT ON sessions BEGIN UPDATE accounts SET role = ''admin''; END');
                """), "trigger “sqlite_helper” that is not part of a hub"
        ),
        (
            // A call becomes a text, which does nothing.
            rewriting(
                """
                UPDATE sqlite_master SET sql = replace(replace(sql, 'RAISE(', '"RAISE('), '); END', ')"; END')
                WHERE name = 'audit_log_never_changes';
                """), "trigger “audit_log_never_changes” that was changed"
        ),
        (
            // A rule becomes part of the comment before it.
            rewriting("UPDATE sqlite_master SET sql = replace(sql, 'last' || char(10), 'last ') WHERE name = 'default_settings';"),
            "table “default_settings” that was changed"
        ),
    ]

    /// Statements that change the descriptions of objects without a check by SQLite.
    private static func rewriting(_ sql: String) -> String { "PRAGMA writable_schema = ON; \(sql) PRAGMA writable_schema = OFF" }

    @Test(arguments: plants)
    func `is refused at the start`(sql: String, words: String) throws {
        let hub = try TemporaryHub()
        try Connection(path: hub.folder + "/hairpin.db", mode: .writer).script(sql)
        let error = #expect(throws: StoreError.self) { _ = try hub.secondDatabase() }
        #expect(error.words.contains(words), "\(error.words)")
        #expect(error.words.hasPrefix("The database"), "\(error.words)")
    }

    @Test(arguments: plants)
    func `is refused by a restore, which changes nothing`(sql: String, words: String) throws {
        let hub = try TemporaryHub()
        let path = hub.temporary.path + "/backup.db"
        try hub.database.backUp(to: path)
        try Connection(path: path, mode: .writer).script(sql)
        let before = try hub.read { try $0.generation() }
        let error = #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, by: .ada, at: 900) }
        #expect(error.words.contains(words), "\(error.words)")
        #expect(error.words.hasPrefix(path), "\(error.words)")
        #expect(try hub.read { try $0.generation() } == before)
    }

    /// Otherwise each command makes the whole structure anew to compare with.
    @Test func `is told from ours by a hash that is up to date`() throws {
        let known = try Migrations.house().knownSchema()
        #expect(KnownSchema.files == known.files, "KnownSchema must be \(known)")
        #expect(KnownSchema.objects == known.objects, "KnownSchema must be \(known)")
    }

    @Test func `is not what a hub has, nor what a backup adds`() throws {
        let hub = try TemporaryHub()
        let path = hub.temporary.path + "/backup.db"
        try hub.database.backUp(to: path)
        _ = try hub.database.restore(from: path, by: .ada, at: 900)
        try Connection(path: hub.folder + "/hairpin.db", mode: .writer).script("ANALYZE; VACUUM")
        _ = try hub.secondDatabase()
    }

    /// Versions of SQLite differ in how they write the name of a renamed table.
    @Test(arguments: ["CREATE TABLE \"devices\"(", "CREATE TABLE devices ("])
    func `is not a renamed table as another version of SQLite writes it`(beginning: String) throws {
        let hub = try TemporaryHub()
        let sql = "UPDATE sqlite_master SET sql = replace(sql, 'CREATE TABLE \"devices\" (', '\(beginning)') WHERE name = 'devices';"
        let connection = try Connection(path: hub.folder + "/hairpin.db", mode: .writer)
        try connection.script(Self.rewriting(sql))
        #expect(try connection.exists("SELECT 1 FROM sqlite_master WHERE sql LIKE ? || '%'", [.text(beginning)]))
        _ = try hub.secondDatabase()
    }
}
