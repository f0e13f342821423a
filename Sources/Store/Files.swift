// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc

/// The few things the Store does with files. Every failure is a `StoreError.file` that names the path and the reason.
enum Files {
    /// The names in a folder, in no order, without `.` and `..`.
    static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw failure("open the folder", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // SAFETY: d_name is a C string inside the entry, which is valid until the next readdir.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// All bytes of a file that is no symbolic link.
    static func contents(of path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &part, part.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
    }

    /// Makes a file of mode 0600 that holds `bytes`, on the disk when this returns. False when the name is taken.
    static func create(_ path: String, _ bytes: [UInt8] = []) throws -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            if errno == EEXIST { return false }
            throw failure("create", path)
        }
        defer { close(file) }
        guard fchmod(file, 0o600) == 0 else { throw failure("set the mode of", path) }
        var written = 0
        while written < bytes.count {
            let rest = bytes[written...]
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            written += count
        }
        guard fsync(file) == 0 else { throw failure("sync", path) }
        return true
    }

    /// Gives a complete file its name in one step. False when the name is taken, which leaves both as they were.
    static func publish(_ temporary: String, as path: String) throws -> Bool {
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { return false }
            throw failure("name", path)
        }
        unlink(temporary)
        return true
    }

    static func remove(_ path: String) { unlink(path) }

    /// Makes sure that what happened to the names in the folder, or to the bytes of the file, survives a power cut.
    static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("sync", path) }
    }

    /// Makes the folder and the ones above it with mode 0700 where they are missing.
    static func createFolder(_ path: String) throws {
        guard mkdir(path, 0o700) != 0 else { return }
        switch errno {
        case EEXIST: return
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw failure("create the folder", path) }
            try createFolder(String(path[..<slash]))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("create the folder", path) }
        default: throw failure("create the folder", path)
        }
    }

    /// Size and mode bits of a file or folder that is no symbolic link; nil when there is none.
    static func status(_ path: String) throws -> (byteCount: Int, mode: UInt32, isFolder: Bool)? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw failure("look at", path)
        }
        guard status.st_mode & S_IFMT != S_IFLNK else {
            throw StoreError.file("\(path) is a symbolic link. Use the place it points to.")
        }
        return (Int(status.st_size), status.st_mode & 0o7777, status.st_mode & S_IFMT == S_IFDIR)
    }

    private static func failure(_ what: String, _ path: String) -> StoreError {
        let reason = String(cString: strerror(errno))
        return .file("Cannot \(what) \(path): \(reason).")
    }
}
