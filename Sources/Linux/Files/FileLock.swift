// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// Keeps a second process out of a folder: an exclusive lock on a file. It is released when the owner is destroyed or the process ends in
/// any way. flock(2)
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let path: String

    private static let retryInterval: Duration = .milliseconds(50)

    /// Locks `path`, creating it (0600, empty) if needed. Waits up to `patience` for the current holder, then throws `.locked`.
    public init(path: String, patience: Duration = .zero) throws(FileError) {
        let file = try Self.open(path)
        let number = file.raw
        let end = Instant.now() + patience
        while true {
            do {
                try Files.attempt(path, "lock") { flock(number, LOCK_EX | LOCK_NB) }
                break
            } catch {
                guard error.problem == .system(operation: "lock", .wouldBlock) else { throw error }
                guard Instant.now() < end else { throw FileError(path: path, .locked) }
                Thread.sleep(Self.retryInterval)
            }
        }
        descriptor = file
        self.path = path
    }

    /// Locking also works on a file system that became read-only.
    private static func open(_ path: String) throws(FileError) -> Descriptor {
        do { return try Files.open(path, O_RDWR | O_CREAT, mode: 0o600) } catch {
            guard error.problem == .system(operation: "open", .readOnlyFileSystem) else { throw error }
            return try Files.open(path, O_RDONLY)
        }
    }

    /// Replaces the content of the file, which a process that finds it locked can read. pwrite(2), ftruncate(2)
    public func write(_ text: String) throws(FileError) {
        let bytes = Array(text.utf8)
        let number = descriptor.raw
        let count = try Files.attempt(path, "write") { pwrite(number, bytes, bytes.count, 0) }
        // Shorten the file last, so that a reader never finds it empty.
        try Files.attempt(path, "truncate") { ftruncate(number, off_t(count)) }
    }
}
