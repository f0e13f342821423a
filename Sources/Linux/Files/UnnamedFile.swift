// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Synchronization

/// A file that has lost its name: its space is free as soon as nothing holds this object, also if the process is killed. Reads it in order.
/// Thread rule: any thread; one lock, held while a piece is read.
public final class UnnamedFile: Sendable {
    private let file: Descriptor
    private let path: String
    private let offset = Mutex<Int>(0)

    /// Opens the file and removes its name. open(2), unlink(2)
    public init(taking path: String) throws(FileError) {
        file = try Files.open(path, O_RDONLY)
        self.path = path
        try Files.remove(path)
    }

    /// The next bytes, at most `count`; empty at the end. pread(2)
    public func next(_ count: Int) throws(FileError) -> [UInt8] {
        let number = file.raw
        return try offset.withLock { offset throws(FileError) in
            var piece = [UInt8](repeating: 0, count: count)
            let read = try Files.attempt(path, "read") { pread(number, &piece, count, off_t(offset)) }
            piece.removeLast(count - read)
            offset += read
            return piece
        }
    }
}
