// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux

/// File operations on the database. Creates the file with mode 0600 before SQLite opens it; SQLite then gives the companion files (-wal,
/// -shm) the same mode.
///
/// Never opens an existing file, only checks it by name. Closing any descriptor of the file would release the POSIX locks that SQLite holds
/// on it in this process.
enum DatabaseFile {
    /// Creates the file if it is missing. Throws `.file` if that fails, or if users other than the owner have access.
    static func prepare(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file < 0 else {
            close(file)
            return
        }
        guard errno == EEXIST else { throw StoreError.file("\(path) cannot be created: \(String(cString: strerror(errno))).") }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError.file("\(path) is not a regular file. Move it away.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreError.file("Other users may open \(path). Find out who did, then run: chmod 600 '\(path)'")
        }
    }

    /// The endings of a database's files.
    private static let companions = ["", "-wal", "-shm", "-journal"]

    /// Passes the path of an empty database file in the folder of `neighbour` to `body`. Deletes the file and its companion files
    /// afterwards.
    static func withTemporary<R>(beside neighbour: String, _ body: (String) throws -> R) throws -> R {
        let path = "\(neighbour).\(Identifier.random())"
        try prepare(path)
        defer { for suffix in companions { unlink(path + suffix) } }
        return try body(path)
    }

    /// Removes the files of an interrupted restore or backup from the data folder, because some contain keys. Call it only if none is
    /// running. Files with other names stay, such as a copy that somebody made by hand.
    static func removeLeftovers(in folder: String) {
        for name in (try? Files.list(folder)) ?? [] where !name.contains("/") && isTemporary(name) {
            try? Files.remove("\(folder)/\(name)")
        }
    }

    /// How the name of a copy begins that a restore keeps of the database before it. The seconds of its time follow.
    static let copyPrefix = "before-restore-"

    /// The number of these copies that are kept.
    static let keptCopies = 3

    /// Removes all but the newest copies of earlier restores, so that they never fill the disk. Those of `kept` stay whatever the clock says.
    static func removeOldCopies(in folder: String, keeping kept: [String]) {
        let names = kept.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let copies = ((try? Files.list(folder)) ?? []).compactMap { name -> (path: String, seconds: Int64)? in
            guard name.hasPrefix(copyPrefix), name.hasSuffix(".db"), !name.contains("/"), !names.contains(name),
                let seconds = Int64(name.dropFirst(copyPrefix.count).prefix { $0.isNumber })
            else { return nil }
            return ("\(folder)/\(name)", seconds)
        }
        for copy in copies.sorted(by: { $0.seconds > $1.seconds }).dropFirst(keptCopies - 1) { try? Files.remove(copy.path) }
    }

    /// True for the names that `withTemporary` gives, beside the database and beside the copy that a restore keeps.
    private static func isTemporary(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, name.hasPrefix("\(Database.fileName).") || name.hasPrefix(copyPrefix) && parts[1] == "db" else { return false }
        let identifier = parts[2].utf8.prefix(16)
        return identifier.count == 16 && identifier.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
            && companions.contains(String(parts[2].dropFirst(16)))
    }

    /// Gives a finished file the additional name `path`. The step is atomic and survives a power failure. Throws `.file` if the name is in
    /// use.
    static func publish(_ finished: String, as path: String) throws {
        try sync(finished)
        guard link(finished, path) == 0 else { throw StoreError.file("\(path) cannot be created: \(String(cString: strerror(errno))).") }
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
