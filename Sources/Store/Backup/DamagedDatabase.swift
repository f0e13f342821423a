// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// A data folder whose database is too damaged to open. A backup replaces it, and the damaged files are kept for analysis.
public enum DamagedDatabase {
    private static let parts = ["", "-wal", "-shm"]

    /// True if the database in the folder is damaged or is not a database. Reads the whole file.
    public static func isOne(in folder: String) throws -> Bool {
        let path = "\(folder)/\(Database.fileName)"
        guard Files.exists(path) else { return false }
        do {
            return try Connection(path: path, mode: .inspector).first("PRAGMA integrity_check(1)") { try $0.text() } != "ok"
        } catch let error as StoreError where error.trouble == .damaged {
            return true
        }
    }

    /// Moves the damaged files away and restores a backup to a new database. Returns the path of the moved files. No hub may use the
    /// folder. Throws the same errors as `Database.restore`; the damaged files are then moved back.
    public static func replace(
        in folder: String, migrations: Migrations, by backup: String, passphrase: String?, author: Author, now: UnixTime
    ) throws -> String {
        let path = "\(folder)/\(Database.fileName)"
        let kept = "\(folder)/damaged-\(now.seconds)-\(Identifier.random()).db"
        try move(path, to: kept)
        do {
            try Database(folder: folder, migrations: migrations, now: now)
                .restore(from: backup, passphrase: passphrase, keepingOldAs: nil, by: author, at: now)
        } catch {
            for part in parts where Files.exists(path + part) { try? Files.remove(path + part) }
            try move(kept, to: path)
            throw error
        }
        return kept
    }

    private static func move(_ old: String, to new: String) throws {
        for part in parts where Files.exists(old + part) {
            try StoreError.files { () throws(FileError) in try Files.move(old + part, to: new + part) }
        }
    }
}
