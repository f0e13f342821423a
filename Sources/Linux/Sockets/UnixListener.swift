// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// A unix stream socket that waits for connections. unix(7)
public struct UnixListener: ~Copyable, Sendable {
    /// For the poller.
    public let descriptor: Descriptor
    /// Where it listens; a name that begins with `@` is abstract and has no file.
    public let path: String
    /// Device and inode of the socket's file.
    private let file: (device: UInt64, inode: UInt64)?

    /// Listens at `path`; the file gets the mode `mode`. Replaces the socket file of a dead process, but no other file. Throws `.addressInUse`
    /// when a process still listens there or the file is not a socket, `.nameTooLong` beyond 107 bytes. bind(2), listen(2)
    public init(path: String, mode: UInt32 = 0o600, backlog: Int32 = 64) throws(Errno) {
        let socket = try Descriptor.socket(AF_UNIX, SOCK_STREAM)
        do {
            // The file inherits the socket's mode, so it is never more open than requested.
            let number = socket.raw
            try systemCall { fchmod(number, mode) }
            try Self.bind(socket, to: path)
        } catch {
            guard error == .addressInUse, !path.hasPrefix("@"), let dead = Self.deadSocket(at: path) else { throw error }
            // Another process may have replaced it in the meantime.
            if let now = Self.file(at: path), now == dead { try systemCall { unlink(path) } }
            try Self.bind(socket, to: path)
        }
        if !path.hasPrefix("@") { try systemCall { chmod(path, mode) } }
        let number = socket.raw
        try systemCall { listen(number, backlog) }
        descriptor = socket
        self.path = path
        file = Self.file(at: path)
    }

    /// Removes only our own file: another process may have replaced it.
    deinit {
        if !path.hasPrefix("@"), isThere { unlink(path) }
    }

    /// Whether connections to the path reach this listener; false after the file was deleted or replaced. Always true for an abstract name.
    /// stat(2)
    public var isThere: Bool {
        guard !path.hasPrefix("@") else { return true }
        guard let file, let now = Self.file(at: path) else { return false }
        return file == now
    }

    private static func file(at path: String) -> (device: UInt64, inode: UInt64)? {
        var status = stat()
        return stat(path, &status) == 0 ? (UInt64(status.st_dev), UInt64(status.st_ino)) : nil
    }

    /// The next connection, nil when none waits. accept4(2)
    public func accept() throws(Errno) -> SocketStream? {
        var storage = sockaddr_storage()
        guard let accepted = try descriptor.acceptConnection(&storage) else { return nil }
        return SocketStream(accepted: accepted, peer: nil)
    }

    private static func bind(_ socket: borrowing Descriptor, to path: String) throws(Errno) {
        let number = socket.raw
        let result = try systemCall { SocketAddress.withUnix(path) { Glibc.bind(number, $0, $1) } ?? 1 }
        if result == 1 { throw .nameTooLong }
    }

    /// The socket file at `path` if no process listens there. Nil for any other file: connecting to it would be refused as well. lstat(2)
    private static func deadSocket(at path: String) -> (device: UInt64, inode: UInt64)? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        do {
            _ = try SocketStream(connectingTo: path)
            return nil
        } catch {
            return error == .connectionRefused ? (UInt64(status.st_dev), UInt64(status.st_ino)) : nil
        }
    }
}
