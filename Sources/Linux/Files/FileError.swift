// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What went wrong with a file, with its path and what to do.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the file.
    public enum Problem: Hashable, Sendable {
        /// The kernel refused `operation`, such as `open` or `rename`.
        case system(operation: String, Errno)
        /// Others than the owner may read or change it; `mode` is what it has.
        case notPrivate(mode: UInt32)
        /// Everybody may read or change it; `mode` is what it has.
        case open(mode: UInt32)
        /// It belongs to another user.
        case foreignOwner(user: UInt32)
        case notRegularFile
        case notDirectory
        /// It has more than `limit` bytes.
        case tooLarge(limit: Int)
        /// Another process holds the lock.
        case locked
    }

    /// As it was given.
    public let path: String
    /// What is wrong with it.
    public let problem: Problem

    /// A problem of the file at `path`.
    public init(path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// One line, with what to do where something can be done.
    public var description: String {
        switch problem {
        case .system(let operation, let error): "\(path): \(operation): \(error)"
        case .notPrivate(let mode):
            "\(path) has mode \(String(mode, radix: 8)): others than its owner may open it. Run: chmod go= '\(path)'"
        case .open(let mode): "\(path) has mode \(String(mode, radix: 8)): everybody may open it. Run: chmod o= '\(path)'"
        case .foreignOwner(let user): "\(path) belongs to user \(user). Give it to the user that runs this program."
        case .notRegularFile: "\(path) is not a regular file."
        case .notDirectory: "\(path) is not a directory."
        case .tooLarge(let limit): "\(path) is larger than \(limit) bytes."
        case .locked: "\(path) is locked by another process. Stop that one first."
        }
    }
}
