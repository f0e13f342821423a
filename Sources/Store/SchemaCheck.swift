// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A table, index, trigger or view, as SQLite describes it.
private struct SchemaObject: Hashable {
    let type: String
    let name: String
    /// The statement that made it, exactly, except for the beginning of a renamed table.
    let sql: String

    init(type: String, name: String, sql: String) {
        (self.type, self.name) = (type, name)
        self.sql = type == "table" ? Self.withoutQuotes(sql, around: name) : sql
    }

    /// SQLite puts the name of a renamed table into quotation marks, with or without a blank behind them, which depends on its version.
    /// Everything else stays as it is: inside a definition, quotation marks and line ends can change what it means.
    private static func withoutQuotes(_ sql: String, around name: String) -> String {
        let start = "CREATE TABLE "
        guard sql.hasPrefix("\(start)\"\(name)\""), !name.isEmpty, name.utf8.allSatisfy({ (97...122).contains($0) || $0 == 95 }) else { return sql }
        let rest = sql.dropFirst(start.count + name.count + 2)
        return "\(start)\(name) \(rest.first == " " ? rest.dropFirst() : rest)"
    }

    /// The object as text. The lengths in it keep two different lists of objects from having the same text.
    var record: String { [type, name, sql].map { "\($0.utf8.count):\($0)" }.joined() }

    /// Objects that a database may have in addition: the key that a backup brings, and the tables that SQLite makes for itself.
    static let extras: Set<SchemaObject> = [
        SchemaObject(type: "table", name: "backup_key", sql: Backup.keyTable),
        SchemaObject(type: "table", name: "sqlite_stat1", sql: "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
        SchemaObject(type: "table", name: "sqlite_stat4", sql: "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
        SchemaObject(type: "table", name: "sqlite_sequence", sql: "CREATE TABLE sqlite_sequence(name,seq)"),
    ]
}

/// The structure that the newest files make, as hashes. Building it from all files takes a tenth of a second, too long for each command.
enum KnownSchema {
    /// SHA-256 of the checksums of all files.
    static let files = "c30ddfb902e62e7389a3027ad0b0e95f4e2a2d0e7960d88e3c7f925e3fab2976"
    /// SHA-256 of the objects; see `fingerprint(of:)`. A test says what it must be.
    static let objects = "de6ff25ce8355988900540f3dd8716b2bb7f77fcc351b1bcce8f4d9400ac30c7"
}

extension Migrations {
    /// Compares the structure of a database with what the applied files make. Somebody who can write to the database, or to a backup of it,
    /// could otherwise add a trigger that changes accounts later, or drop one that protects the audit log.
    ///
    /// Throws `.schema` with the first object that differs, is missing or is not ours. `name` is what the sentence calls the database. Also
    /// throws what `check` throws.
    func requireOwnSchema(_ connection: Connection, calling name: String) throws {
        let (applied, found) = try connection.transaction("BEGIN") { (try check(connection), try Self.objects(in: connection)) }
        if applied == newest, Self.hex(Digest.sha256(steps.flatMap(\.checksum))) == KnownSchema.files,
            Self.fingerprint(of: found) == KnownSchema.objects
        {
            return
        }
        let expected = try schema(after: applied)
        for object in found.sorted(by: { $0.name < $1.name }) where !expected.contains(object) {
            let isOurs = expected.contains { $0.name == object.name && $0.type == object.type }
            throw StoreError.schema(
                "\(name) has a \(object.type) “\(object.name)” that \(isOurs ? "was changed" : "is not part of a hub"). Restore a backup that you trust."
            )
        }
        if let missing = expected.subtracting(found).map({ "\($0.type) “\($0.name)”" }).min() {
            throw StoreError.schema("\(name) lacks the \(missing). Restore a backup that you trust.")
        }
    }

    private static func objects(in connection: Connection) throws -> Set<SchemaObject> {
        // Only the indexes that belong to a table's definition have no statement. No name is an exception: whoever writes to the table of
        // objects itself can give any of them, also one that begins with sqlite_.
        let objects = try connection.all(
            "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE NOT (type = 'index' AND sql IS NULL)"
        ) { SchemaObject(type: try $0.text(), name: try $0.text(), sql: try $0.text()) }
        return Set(objects).subtracting(SchemaObject.extras)
    }

    private static func fingerprint(of objects: Set<SchemaObject>) -> String {
        hex(Digest.sha256(objects.map(\.record).sorted().joined()))
    }

    private static func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// What `KnownSchema` should hold.
    func knownSchema() throws -> (files: String, objects: String) {
        (Self.hex(Digest.sha256(steps.flatMap(\.checksum))), Self.fingerprint(of: try schema(after: newest)))
    }

    private func schema(after count: Int64) throws -> Set<SchemaObject> {
        let empty = try Connection(path: ":memory:", mode: .writer)
        try makeTable(in: empty)
        try empty.script("PRAGMA foreign_keys = OFF")
        for step in steps.prefix(Int(clamping: count)) { try empty.script(step.sql) }
        return try Self.objects(in: empty)
    }
}
