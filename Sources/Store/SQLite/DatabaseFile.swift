// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux

/// The database file as a file: made with mode 0600 before SQLite opens it, which gives its companions (-wal, -shm) the same mode.
///
/// An existing file is looked at by name and never opened: closing any descriptor of it would give up the POSIX locks that SQLite holds
/// on it in this process.
enum DatabaseFile {
    /// Makes the file where it is missing. Throws `.file` when it cannot, or when others than the owner may open it.
    static func prepare(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file < 0 else {
            close(file)
            return
        }
        guard errno == EEXIST else { throw StoreError.file("\(path) cannot be made: \(String(cString: strerror(errno))).") }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError.file("\(path) is not a regular file. Move it away.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreError.file("Others than its owner may open \(path). Find out who did, then run: chmod 600 '\(path)'")
        }
    }

    /// Lends the path of an empty database file in the folder of `neighbour`; it is gone when `body` returns, with what SQLite put beside it.
    static func withTemporary<R>(beside neighbour: String, _ body: (String) throws -> R) throws -> R {
        let path = "\(neighbour).\(Identifier.random())"
        try prepare(path)
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) } }
        return try body(path)
    }

    /// Removes what a restore left in the data folder that was killed: some of it holds keys. Call it when no restore is under way.
    static func removeLeftovers(in folder: String) {
        for name in (try? Files.list(folder)) ?? [] where !name.contains("/") {
            let isTemporary = name.hasPrefix("\(Database.fileName).") || name.hasPrefix("before-restore-") && name.contains(".db.")
            if isTemporary { try? Files.remove("\(folder)/\(name)") }
        }
    }

    /// Gives a finished file the name `path` as well, in one step and so that both survive a power cut. Throws `.file` when the name is taken.
    static func publish(_ finished: String, as path: String) throws {
        try sync(finished)
        guard link(finished, path) == 0 else { throw StoreError.file("\(path) cannot be made: \(String(cString: strerror(errno))).") }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        try sync(folder)
    }

    private static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StoreError.file("\(path) cannot be opened: \(String(cString: strerror(errno))).") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw StoreError.file("\(path) cannot be synced: \(String(cString: strerror(errno))).") }
    }
}
