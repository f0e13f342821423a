// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Words

/// A finished backup: a database with an additional table for the key that encrypts its secrets.
enum Backup {
    /// The table for the key, as SQLite stores its statement.
    static let keyTable = "CREATE TABLE backup_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL CHECK (length(key) = 32)) STRICT"

    /// Stores the key of the original database in the copy.
    static func addKey(of secrets: SecretKeys, to path: String) throws {
        let copy = try Connection(path: path, mode: .writer)
        var key = try secrets.current(copy).revealKey()
        defer { wipe(&key) }
        try copy.transaction("BEGIN IMMEDIATE") {
            try copy.execute("DROP TABLE IF EXISTS backup_key")
            try copy.execute(keyTable)
            try copy.execute("INSERT INTO backup_key (one, key) VALUES (1, ?)", [.blob(key)])
        }
        // Makes the copy a single complete file.
        try copy.script("PRAGMA journal_mode = DELETE")
    }

    /// Throws unless the file is an intact database of a hub, this version can use it, and its secrets can be decrypted with its own key or
    /// with a key of `database`.
    static func check(_ path: String, against database: Database) throws {
        let connection = try Connection(path: path, mode: .inspector)
        do {
            let report = try connection.first("PRAGMA integrity_check(1)") { try $0.text() }
            guard report == "ok", try !connection.exists("PRAGMA foreign_key_check") else {
                throw StoreError.backup("\(path) is damaged. Use another backup.")
            }
            guard try hasTable("migrations", connection) else { throw StoreError.backup("\(path) is not a backup of a hub. Use another file.") }
        } catch StoreError.database(let error) {
            throw StoreError.backup("\(path) is not a backup of a hub, or is damaged: \(error.message). Use another backup.")
        }
        try database.migrations.requireOwnSchema(connection, calling: path)
        let own = try key(in: connection)
        for column in SealedColumn.all where try hasTable(column.table, connection) && hasColumn(column, connection) {
            guard let (place, value) = try column.any(in: connection) else { continue }
            _ = try own?.openStored(value, place) ?? database.secrets.openStored(value, place)
        }
    }

    /// Encrypts the secrets of a backup with `current` and removes the backup's own key.
    static func reseal(_ copy: Connection, with secrets: SecretKeys, current: SecretBox) throws {
        let own = try key(in: copy)
        for column in SealedColumn.all {
            try column.reseal(in: copy, opening: { try own?.openStored($0, $1) ?? secrets.openStored($0, $1) }, sealing: current)
        }
        try copy.execute("DROP TABLE IF EXISTS backup_key")
        try copy.execute("INSERT OR REPLACE INTO secret_key (one, key_id) VALUES (1, ?)", [.text(current.keyID)])
    }

    /// The key in the backup; nil if an older version made a backup without one.
    private static func key(in connection: Connection) throws -> SecretBox? {
        guard try hasTable("backup_key", connection) else { return nil }
        return try connection.first("SELECT key FROM backup_key") { try $0.blob() }.flatMap { SecretBox(key: $0) }
    }

    private static func hasTable(_ name: String, _ connection: Connection) throws -> Bool {
        try connection.exists("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [.text(name)])
    }

    /// True if the backup has this column. Older backups may not.
    private static func hasColumn(_ column: SealedColumn, _ connection: Connection) throws -> Bool {
        try connection.exists("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", [.text(column.table), .text(column.column)])
    }
}

/// A backup that is encrypted as a whole with a passphrase.
enum SealedBackup {
    static func isOne(_ path: String) throws -> Bool {
        let start = try StoreError.files { () throws(FileError) in try Files.read(path, first: PassphraseSeal.magic.count) }
        return start == PassphraseSeal.magic
    }

    static func seal(_ plain: String, to path: String, passphrase: String) throws {
        guard let sealer = PassphraseSeal.Sealer(passphrase: passphrase) else { throw noMemory }
        try StoreError.anyFile {
            try Files.create(path) { write in
                try write(sealer.header)
                try Files.forEachPiece(of: plain, size: PassphraseSeal.chunkByteCount) { try write(sealer.seal($0, isLast: $1)) }
            }
        }
    }

    /// Decrypts a backup. Throws `.backup` if the passphrase is wrong or the file was altered or truncated.
    static func open(_ path: String, to plain: String, passphrase: String) throws {
        var opener: PassphraseSeal.Opener?
        try StoreError.anyFile {
            try Files.create(plain) { write in
                try Files.forEachPiece(of: path, first: PassphraseSeal.headerByteCount, size: PassphraseSeal.sealedChunkByteCount) { piece, isLast in
                    guard let current = opener else {
                        opener = PassphraseSeal.Opener(passphrase: passphrase, header: piece)
                        guard opener != nil else { throw noMemory }
                        return
                    }
                    guard let (content, ends) = current.open(piece), ends == isLast else {
                        throw StoreError.backup("\(path) cannot be opened: the passphrase is wrong, or the file was changed or truncated.")
                    }
                    try write(content)
                }
            }
        }
    }

    private static let noMemory = StoreError.backup("There is not enough memory to make a key from the passphrase. Try again in a moment.")
}

extension StoreError {
    /// Runs `body` and converts file errors to `.file`. Other errors are passed through.
    fileprivate static func anyFile(_ body: () throws -> Void) throws {
        do { try body() } catch let error as FileError { throw StoreError.file(error.description) }
    }
}
