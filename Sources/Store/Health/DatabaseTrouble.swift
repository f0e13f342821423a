// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSQLite
import Glibc
import Net
import Words

/// A problem outside the program that keeps the database from working. An administrator of the host can fix it. The hub continues to run.
public enum DatabaseTrouble: Hashable, Sendable, CaseIterable {
    /// The disk is full, or a quota or a limit on the file size is reached.
    case full
    /// The file system or the files cannot be written.
    case readOnly
    /// Another process has held the write lock for too long.
    case locked
    /// The file is damaged or is not a database.
    case damaged
    /// The file cannot be opened.
    case closed
    /// The disk reports errors.
    case device
    /// The file system lacks locks or shared memory.
    case unsuited
    /// There is not enough memory.
    case memory

    /// Converts a SQLite result code. Nil for errors of the program, such as a violated constraint or an invalid statement. `systemError`
    /// is the errno of the failure.
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
        case _ where Self.sharing.contains(code) && systemError != EIO: self = .unsuited
        case (SQLITE_IOERR, _): self = .device
        case (SQLITE_NOMEM, _): self = .memory
        default: return nil
        }
    }

    /// SQLITE_IOERR_SHMSIZE, a macro that Swift does not import. SQLite does not keep an errno for it. The only cause is a lack of space.
    private static let noRoomForIndex = SQLITE_IOERR | 19 << 8

    /// SQLITE_IOERR_UNLOCK, RDLOCK, CHECKRESERVEDLOCK, LOCK, SHMOPEN, SHMLOCK and SHMMAP, and SQLITE_PROTOCOL, which means that locks do not
    /// hold.
    private static let sharing: Set<Int32> = Set([8, 9, 14, 15, 18, 20, 21].map { SQLITE_IOERR | $0 << 8 } + [SQLITE_PROTOCOL])
}

extension DatabaseTrouble: CustomStringConvertible {
    /// The problem and its solution, without a path, so that it can be shown on a page.
    public var description: String { phrase.description }

    /// The problem and its solution as a phrase.
    public var phrase: Phrase {
        switch self {
        case .full: "The disk of the data folder is full. Make room on it."
        case .readOnly: "The data folder is not writable. Check whether its file system is read-only and who owns its files."
        case .locked: "Another process has locked the database. Wait until it finishes, or end it."
        case .damaged: "The database is damaged. Stop the hub and restore a backup with `hairpin restore FILE`."
        case .closed: "The database file cannot be opened. Check whether the data folder exists and who owns its files."
        case .device: "The disk of the data folder is failing. Check the kernel log."
        case .unsuited:
            "The file system of the data folder lacks locks or shared memory, like some network file systems. Move the folder to a local disk."
        case .memory: "There is not enough memory for the database."
        }
    }
}

extension StoreError {
    /// The problem in the environment; nil if the error has another cause.
    public var trouble: DatabaseTrouble? {
        if case .database(let error) = self { error.trouble } else { nil }
    }
}
