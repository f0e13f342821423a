// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// The numbered `.sql` files that define the database's structure. Read from a folder at start: `0001_initial.sql` and so on, without gaps.
public struct Migrations: Sendable {
    struct Step {
        var number: Int64
        var name: String
        var sql: String
        var checksum: [UInt8]
    }

    let steps: [Step]

    /// Reads all `.sql` files in `folder`. Throws `.schema` if a name has no number, if there is a gap, or if there are no files.
    public init(folder: String) throws {
        let names = try StoreError.files { () throws(FileError) in try Files.list(folder) }.filter { $0.hasSuffix(".sql") }
        guard !names.isEmpty else { throw StoreError.schema("There are no migrations in \(folder). Point --root at the share folder.") }
        self.steps = try names.enumerated().map { position, name in
            let number = Int64(position + 1)
            guard name.utf8.count > 5, name.dropFirst(4).first == "_", Int64(name.prefix(4)) == number else {
                throw StoreError.schema("\(folder)/\(name): expected a name that begins with \(Self.padded(number))_, without gaps.")
            }
            let bytes = try StoreError.files { () throws(FileError) in try Files.read("\(folder)/\(name)") }
            return Step(number: number, name: name, sql: String(decoding: bytes, as: UTF8.self), checksum: Digest.sha256(bytes))
        }
    }

    /// The number of the newest file.
    public var newest: Int64 { Int64(steps.count) }

    /// Applies the missing files in order. Each file and its record are written in one transaction. Several processes may call this at the
    /// same time.
    func apply(to connection: Connection, at now: UnixTime) throws {
        try makeTable(in: connection)
        // Writes nothing to an up-to-date database, so that a hub can start on a full or read-only disk.
        guard try check(connection) < newest else { return }
        // With foreign keys enabled, recreating a table would delete all rows that refer to it. Each step is checked before its commit.
        try connection.script("PRAGMA foreign_keys = OFF")
        defer { try? connection.script("PRAGMA foreign_keys = ON") }
        for step in steps {
            try connection.transaction("BEGIN IMMEDIATE") {
                // Another process may have applied this step in the meantime.
                let values: [SQLValue] = [.integer(step.number), .text(step.name), .blob(step.checksum), .time(now)]
                if try connection.exists("SELECT 1 FROM migrations WHERE number = ?", [values[0]]) { return }
                try connection.script(step.sql)
                if try connection.exists("PRAGMA foreign_key_check") {
                    throw StoreError.schema("Migration \(step.name) leaves rows that point to nothing. Nothing was changed.")
                }
                try connection.execute("INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)", values)
            }
        }
    }

    /// The table of applied files.
    func makeTable(in connection: Connection) throws {
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS migrations (
                number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL
            ) STRICT
            """)
    }

    /// The number of the newest applied file. Throws `.schema` if the database was made with newer files, or with different files of the
    /// same numbers.
    @discardableResult
    func check(_ connection: Connection) throws -> Int64 {
        let applied = try connection.all("SELECT number, name, checksum FROM migrations ORDER BY number") {
            try (number: $0.integer(), name: $0.text(), checksum: $0.blob())
        }
        if let last = applied.last, last.number > newest {
            throw StoreError.schema(
                "The database has structure \(last.number) (\(last.name)), but this program knows only \(newest). Install the newer program.")
        }
        for (step, row) in zip(steps, applied) where row.number != step.number || row.checksum != step.checksum {
            throw StoreError.schema("Migration \(step.name) differs from the one that made this database. Put the original file back.")
        }
        return applied.last?.number ?? 0
    }

    private static func padded(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
