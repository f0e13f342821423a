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
    ]

    @Test(arguments: plants)
    func `is refused at the start`(sql: String, words: String) throws {
        let hub = try TemporaryHub()
        try Connection(path: hub.folder + "/hairpin.db", mode: .writer).script(sql)
        let error = #expect(throws: StoreError.self) { _ = try hub.secondDatabase() }
        #expect("\(error!)".contains(words) && "\(error!)".hasPrefix("The database"), "\(error!)")
    }

    @Test(arguments: plants)
    func `is refused by a restore, which changes nothing`(sql: String, words: String) throws {
        let hub = try TemporaryHub()
        let path = hub.temporary.path + "/backup.db"
        try hub.database.backUp(to: path)
        try Connection(path: path, mode: .writer).script(sql)
        let before = try hub.read { try $0.generation() }
        let error = #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, by: .ada, at: 900) }
        #expect("\(error!)".contains(words) && "\(error!)".hasPrefix(path), "\(error!)")
        #expect(try hub.read { try $0.generation() } == before)
    }

    /// Otherwise each command makes the whole structure anew to compare with.
    @Test func `is told from ours by a hash that is up to date`() throws {
        let known = try Migrations.house().knownSchema()
        #expect(KnownSchema.files == known.files && KnownSchema.objects == known.objects, "KnownSchema must be \(known)")
    }

    @Test func `is not what a hub has, nor what a backup adds`() throws {
        let hub = try TemporaryHub()
        let path = hub.temporary.path + "/backup.db"
        try hub.database.backUp(to: path)
        _ = try hub.database.restore(from: path, by: .ada, at: 900)
        try Connection(path: hub.folder + "/hairpin.db", mode: .writer).script("ANALYZE; VACUUM")
        _ = try hub.secondDatabase()
    }
}
