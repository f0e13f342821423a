// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A table, index, trigger or view, as SQLite describes it.
private struct SchemaObject: Hashable {
    let type: String
    let name: String
    /// The statement that made it, without differences that mean nothing.
    let sql: String

    init(type: String, name: String, sql: String) {
        (self.type, self.name) = (type, name)
        // SQLite changes quotation marks and blanks when it renames a table, in ways that depend on its version.
        self.sql = sql.replacing("\"", with: "").split { $0.isWhitespace }.joined(separator: " ")
    }
}

/// The structure that the newest files make, as hashes. Making it anew from all files takes a tenth of a second, too long for each command.
enum KnownSchema {
    /// SHA-256 of the checksums of all files.
    static let files = "9dce607ff27e9997f55bc4b7d545d66f39db2594a547c8671ad16360fb441953"
    /// SHA-256 of the objects; see `fingerprint(of:)`. A test says what it must be.
    static let objects = "4a9e0f0572ab1e3ccaf201dee941f4c4e169f0bcddbe8625676c323b27b9ace6"
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
        // Objects whose names begin with sqlite_ are SQLite's own; nobody else can make one. A backup brings its key in a table.
        let objects = try connection.all(
            "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND (type, name) <> ('table', 'backup_key')"
        ) { SchemaObject(type: try $0.text(), name: try $0.text(), sql: try $0.text()) }
        return Set(objects)
    }

    private static func fingerprint(of objects: Set<SchemaObject>) -> String {
        hex(Digest.sha256(objects.map { "\($0.type) \($0.name) \($0.sql)" }.sorted().joined(separator: "\n")))
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
