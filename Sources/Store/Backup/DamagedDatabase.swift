// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// A data folder whose database is damaged beyond opening: the backup takes its place, and the damaged files stay for whoever wants to look.
public enum DamagedDatabase {
    private static let parts = ["", "-wal", "-shm"]

    /// True when there is a database in the folder that is none, or not a sound one. Reads all of it.
    public static func isOne(in folder: String) throws -> Bool {
        let path = "\(folder)/\(Database.fileName)"
        guard Files.exists(path) else { return false }
        do {
            return try Connection(path: path, mode: .inspector).first("PRAGMA integrity_check(1)") { try $0.text() } != "ok"
        } catch let error as StoreError where error.trouble == .damaged {
            return true
        }
    }

    /// Moves the damaged files away and restores a backup into a new database. Returns the path of what is kept. No hub may have the folder
    /// open. Throws what `Database.restore` throws; the damaged files are back in their place then.
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
