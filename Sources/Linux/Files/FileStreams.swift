// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Functions for files that are too large to hold in memory.
extension Files {
    /// Creates a file with mode 0600 from what `body` writes, and syncs it to disk. Throws when it already exists. An error leaves no file
    /// behind.
    public static func create(_ path: String, _ body: (_ write: ([UInt8]) throws -> Void) throws -> Void) throws {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = Descriptor(owning: try attempt(path, "create") { Glibc.open(path, flags, mode_t(0o600)) })
        let number = file.raw
        do {
            try body { content in
                var rest = content[...]
                while !rest.isEmpty {
                    let count = try attempt(path, "write") { rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) } }
                    rest = rest.dropFirst(count)
                }
            }
            try attempt(path, "fsync") { fsync(number) }
        } catch {
            unlink(path)
            throw error
        }
    }

    /// The first `count` bytes of a file, or all of a shorter file. read(2)
    public static func read(_ path: String, first count: Int) throws(FileError) -> [UInt8] {
        let file = try open(path, O_RDONLY)
        return try take(count, file.raw, path)
    }

    /// Reads a file in order: `first` bytes, then pieces of `size`; the last one may be shorter. There is always a last piece, which may be
    /// empty. read(2)
    public static func forEachPiece(
        of path: String, first: Int = 0, size: Int, _ body: (_ piece: [UInt8], _ isLast: Bool) throws -> Void
    ) throws {
        let file = try open(path, O_RDONLY)
        let number = file.raw
        if first > 0 { try body(try take(first, number, path), false) }
        var piece = try take(size, number, path)
        while true {
            let next = piece.count == size ? try take(size, number, path) : []
            try body(piece, next.isEmpty)
            if next.isEmpty { return }
            piece = next
        }
    }

    private static func take(_ count: Int, _ number: Int32, _ path: String) throws(FileError) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = try attempt(path, "read") {
                piece.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress! + filled, count - filled) }
            }
            if read == 0 { break }
            filled += read
        }
        piece.removeLast(count - filled)
        return piece
    }
}
