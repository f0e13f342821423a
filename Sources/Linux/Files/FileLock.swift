// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Keeps a second process out of a folder: an exclusive lock on a file, given up when the owner goes away. flock(2)
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Locks `path`, which is made (0600, empty) when it is missing. Throws `.locked` at once when somebody holds it.
    public init(path: String) throws(FileError) {
        let file = try Files.open(path, O_RDWR | O_CREAT, mode: 0o600)
        let number = file.raw
        do {
            try Files.attempt(path, "lock") { flock(number, LOCK_EX | LOCK_NB) }
        } catch {
            throw error.problem == .system(operation: "lock", .wouldBlock) ? FileError(path: path, .locked) : error
        }
        descriptor = file
    }
}
