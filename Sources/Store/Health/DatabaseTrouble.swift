// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSQLite
import Glibc
import Net
import Words

/// What keeps the database from working that lies outside of the program: somebody at the host can end it, and the hub goes on meanwhile.
public enum DatabaseTrouble: Hashable, Sendable, CaseIterable {
    /// No room on the disk, or a quota or a limit of file size is reached.
    case full
    /// The file system or the files take no writes.
    case readOnly
    /// Another process has held the write lock for longer than one waits.
    case locked
    /// The file is no database, or not a sound one any more.
    case damaged
    /// The file cannot be opened.
    case closed
    /// The disk fails.
    case device
    /// No memory.
    case memory

    /// Nil for results that speak of the program: a broken rule, a wrong statement. `systemError` is the errno behind the result.
    /// https://www.sqlite.org/rescode.html
    init?(code: Int32, systemError: Int32) {
        switch (code & 0xFF, systemError) {
        case (SQLITE_FULL, _): self = .full
        case _ where code == Self.noRoomForIndex: self = .full
        case (SQLITE_IOERR, ENOSPC), (SQLITE_IOERR, EDQUOT), (SQLITE_IOERR, EFBIG): self = .full
        case (SQLITE_CANTOPEN, ENOSPC), (SQLITE_CANTOPEN, EDQUOT): self = .full
        case (SQLITE_READONLY, _), (SQLITE_IOERR, EROFS), (SQLITE_CANTOPEN, EROFS), (SQLITE_CANTOPEN, EACCES): self = .readOnly
        case (SQLITE_BUSY, _), (SQLITE_LOCKED, _): self = .locked
        case (SQLITE_CORRUPT, _), (SQLITE_NOTADB, _): self = .damaged
        case (SQLITE_CANTOPEN, _), (SQLITE_PERM, _): self = .closed
        case (SQLITE_IOERR, _): self = .device
        case (SQLITE_NOMEM, _): self = .memory
        default: return nil
        }
    }

    /// SQLITE_IOERR_SHMSIZE, a macro that Swift does not import: SQLite keeps no errno for it, and nothing but room makes it fail.
    private static let noRoomForIndex = SQLITE_IOERR | 19 << 8
}

extension DatabaseTrouble: CustomStringConvertible {
    /// What it is and what to do, without a path, so that a page may say it.
    public var description: String { phrase.description }

    /// The sentence.
    public var phrase: Phrase {
        switch self {
        case .full: "The disk of the data folder is full. Make room on it."
        case .readOnly: "The data folder is not writable. Check whether its file system is read-only and who owns its files."
        case .locked: "Another process has locked the database. Wait until it finishes, or end it."
        case .damaged: "The database is damaged. Stop the hub and restore a backup with `hairpin restore FILE`."
        case .closed: "The database file cannot be opened. Check whether the data folder exists and who owns its files."
        case .device: "The disk of the data folder is failing. Check the kernel log."
        case .memory: "There is not enough memory for the database."
        }
    }
}

extension StoreError {
    /// Nil when the refusal does not come from the surroundings of the database.
    public var trouble: DatabaseTrouble? {
        if case .database(let error) = self { error.trouble } else { nil }
    }
}
