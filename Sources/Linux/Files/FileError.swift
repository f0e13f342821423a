// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// An error with a file: its path, the problem and the solution.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the file.
    public enum Problem: Hashable, Sendable {
        /// The kernel refused `operation`, such as `open` or `rename`.
        case system(operation: String, Errno)
        /// Users other than the owner may read or change it; `mode` is its current mode.
        case notPrivate(mode: UInt32)
        /// Everybody may read or change it; `mode` is its current mode.
        case open(mode: UInt32)
        /// It belongs to another user.
        case foreignOwner(user: UInt32)
        case notRegularFile
        case notDirectory
        /// It is larger than `limit` bytes.
        case tooLarge(limit: Int)
        /// Another process holds the lock.
        case locked
    }

    /// The path as the caller gave it.
    public let path: String
    /// The problem.
    public let problem: Problem

    /// A problem of the file at `path`.
    public init(path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// One line with the problem and, where possible, the solution.
    public var description: String {
        switch problem {
        case .system("lock", .noLocks), .system("lock", .notSupported), .system("lock", .noSuchCall):
            "\(path) cannot be locked: its file system has no locks, like some network file systems. Use a folder on a local disk."
        case .system(let operation, let error): "\(path): \(operation): \(error)"
        case .notPrivate(let mode):
            "\(path) has mode \(String(mode, radix: 8)): other users may open it. Run: chmod go= '\(path)'"
        case .open(let mode): "\(path) has mode \(String(mode, radix: 8)): everybody may open it. Run: chmod o= '\(path)'"
        case .foreignOwner(let user): "\(path) belongs to user \(user). Give it to the user that runs this program."
        case .notRegularFile: "\(path) is not a regular file."
        case .notDirectory: "\(path) is not a directory."
        case .tooLarge(let limit): "\(path) is larger than \(limit) bytes."
        case .locked: "\(path) is locked by another process. Stop that one first."
        }
    }
}
