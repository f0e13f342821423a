// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Whole files and private folders. A symbolic link at the end of a path is refused.
public enum Files {
    /// The whole content. Throws `.tooLarge` beyond `limit` bytes. open(2), read(2)
    public static func read(_ path: String, limit: Int = 16 << 20) throws(FileError) -> [UInt8] {
        let file = try open(path, O_RDONLY)
        return try readAll(file, size: try regularFileStatus(of: file, path).st_size, limit: limit, path)
    }

    /// Reads a secret file: like `read`, after `checkPrivate` on the opened file.
    public static func readPrivate(_ path: String, limit: Int = 1 << 20) throws(FileError) -> [UInt8] {
        let file = try open(path, O_RDONLY)
        let status = try regularFileStatus(of: file, path)
        try checkPrivate(status, path)
        return try readAll(file, size: status.st_size, limit: limit, path)
    }

    /// Reads a file that another program maintains; follows symbolic links. If the file is secret and everybody may read it, throws
    /// `.notPrivate`. open(2), read(2)
    public static func readForeign(_ path: String, isSecret: Bool = false, limit: Int = 1 << 20) throws(FileError) -> [UInt8] {
        let file = Descriptor(owning: try attempt(path, "open") { Glibc.open(path, O_RDONLY | O_CLOEXEC) })
        let status = try regularFileStatus(of: file, path)
        guard !isSecret || status.st_mode & 0o007 == 0 else { throw FileError(path: path, .open(mode: status.st_mode & 0o7777)) }
        return try readAll(file, size: status.st_size, limit: limit, path)
    }

    /// Replaces the content atomically: readers see the old or the new content, even after a power failure. The file gets `mode` regardless
    /// of the umask. open(2), fsync(2), rename(2)
    public static func writeAtomically(_ content: [UInt8], to path: String, mode: UInt32 = 0o600) throws(FileError) {
        let temporary = "\(path).new-\(getpid())-\(gettid())"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        unlink(temporary)
        let file = Descriptor(owning: try attempt(temporary, "create") { Glibc.open(temporary, flags, mode) })
        do {
            let number = file.raw
            try attempt(temporary, "set mode") { fchmod(number, mode) }
            try writeAll(content, to: file, path: temporary)
            try attempt(temporary, "fsync") { fsync(number) }
            try attempt(path, "rename") { rename(temporary, path) }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncDirectory(parent(of: path))
    }

    /// Creates `path` and missing parents with mode 0700, or checks that `path` is a private folder of ours. Never changes an existing
    /// folder.
    /// Throws `.notPrivate`, `.foreignOwner` or `.notDirectory`. mkdir(2)
    public static func makePrivateDirectory(_ path: String) throws(FileError) {
        var status = stat()
        if stat(path, &status) == -1 {
            let above = parent(of: path)
            if above != path, stat(above, &status) == -1 { try makePrivateDirectory(above) }
            do {
                try attempt(path, "create folder") { mkdir(path, 0o700) }
            } catch {
                // Another process created it first; use what is there now.
                guard error.problem == .system(operation: "create folder", .fileExists) else { throw error }
            }
        }
        let folder = try open(path, O_RDONLY | O_DIRECTORY)
        try checkPrivate(try self.status(of: folder, path), path)
    }

    /// Creates a folder that everybody may read, mode 0755. Leaves an existing one unchanged. mkdir(2)
    public static func makePublicDirectory(_ path: String) throws(FileError) {
        do {
            try attempt(path, "create folder") { mkdir(path, 0o755) }
        } catch {
            guard error.problem == .system(operation: "create folder", .fileExists) else { throw error }
        }
    }

    /// Throws unless `path` is our own regular file and no other user may open it.
    public static func checkPrivate(_ path: String) throws(FileError) {
        try checkPrivate(try regularFileStatus(of: try open(path, O_RDONLY), path), path)
    }

    /// The paths of all regular files below `directory`, relative to it and sorted. Skips symbolic links and hidden names. readdir(3)
    public static func list(_ directory: String) throws(FileError) -> [String] {
        var found: [String] = []
        var waiting = [""]
        while let folder = waiting.popLast() {
            for name in try names(in: folder.isEmpty ? directory : "\(directory)/\(folder)") {
                let relative = folder.isEmpty ? name : "\(folder)/\(name)"
                var status = stat()
                try attempt("\(directory)/\(relative)", "stat") { lstat("\(directory)/\(relative)", &status) }
                switch status.st_mode & S_IFMT {
                case S_IFREG: found.append(relative)
                case S_IFDIR: waiting.append(relative)
                default: break
                }
            }
        }
        return found.sorted()
    }

    /// True when anything exists at `path`. access(2)
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Renames a file durably, replacing an existing file of the new name. rename(2), fsync(2)
    public static func move(_ path: String, to new: String) throws(FileError) {
        try attempt(path, "rename") { rename(path, new) }
        try syncDirectory(parent(of: new))
    }

    /// unlink(2)
    public static func remove(_ path: String) throws(FileError) {
        try attempt(path, "remove") { unlink(path) }
    }
}

// Helpers of the functions above.
extension Files {
    /// Opens without following a link at the end of `path`. open(2)
    static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(FileError) -> Descriptor {
        Descriptor(owning: try attempt(path, "open") { Glibc.open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode) })
    }

    @discardableResult
    static func attempt<Result: FixedWidthInteger & SignedInteger>(
        _ path: String, _ operation: String, _ call: () -> Result
    ) throws(FileError) -> Result {
        do { return try systemCall(call) } catch { throw FileError(path: path, .system(operation: operation, error)) }
    }

    private static func readAll(
        _ file: borrowing Descriptor, size: Int, limit: Int, _ path: String
    ) throws(FileError) -> [UInt8] {
        let number = file.raw
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: max(4096, min(size, limit) + 1))
        while true {
            let count = try attempt(path, "read") { Glibc.read(number, &chunk, chunk.count) }
            if count == 0 { return content }
            guard content.count + count <= limit else { throw FileError(path: path, .tooLarge(limit: limit)) }
            content += chunk[..<count]
        }
    }

    private static func writeAll(_ content: [UInt8], to file: borrowing Descriptor, path: String) throws(FileError) {
        let number = file.raw
        var offset = 0
        while offset < content.count {
            offset += try attempt(path, "write") {
                content.withUnsafeBytes { write(number, $0.baseAddress! + offset, $0.count - offset) }
            }
        }
    }

    private static func status(of file: borrowing Descriptor, _ path: String) throws(FileError) -> stat {
        let number = file.raw
        var status = stat()
        try attempt(path, "stat") { fstat(number, &status) }
        return status
    }

    private static func regularFileStatus(of file: borrowing Descriptor, _ path: String) throws(FileError) -> stat {
        let status = try status(of: file, path)
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path: path, .notRegularFile) }
        return status
    }

    private static func checkPrivate(_ status: stat, _ path: String) throws(FileError) {
        guard status.st_uid == geteuid() else { throw FileError(path: path, .foreignOwner(user: status.st_uid)) }
        let mode = status.st_mode & 0o7777
        guard mode & 0o077 == 0 else { throw FileError(path: path, .notPrivate(mode: mode)) }
    }

    /// Makes a rename in `directory` survive a power failure. fsync(2)
    private static func syncDirectory(_ directory: String) throws(FileError) {
        let folder = Descriptor(owning: try attempt(directory, "open") { Glibc.open(directory, O_RDONLY | O_CLOEXEC) })
        let number = folder.raw
        try attempt(directory, "fsync") { fsync(number) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func names(in directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else { throw FileError(path: directory, .system(operation: "list", Errno.last)) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // SAFETY: d_name is a zero-terminated array inside the entry, which lives until the next readdir.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
