// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// One connection over a unix socket, non-blocking. unix(7)
public struct UnixStream: ~Copyable, Sendable {
    /// For the poller.
    public let descriptor: Descriptor

    init(descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Connects to `path`, or to an abstract name that begins with `@`. Throws `.noSuchFile` or `.connectionRefused` when no process
    /// listens. connect(2)
    public init(connectingTo path: String) throws(Errno) {
        let socket = try Descriptor.socket(AF_UNIX, SOCK_STREAM)
        let number = socket.raw
        let result = try systemCall { SocketAddress.withUnix(path) { connect(number, $0, $1) } ?? 1 }
        if result == 1 { throw .nameTooLong }
        descriptor = socket
    }

    /// Fills `buffer` from its start. recv(2)
    public func read(into buffer: inout [UInt8]) throws(Errno) -> ReadResult { try descriptor.receive(into: &buffer) }

    /// Writes what fits. Throws `.brokenPipe` when the peer is gone. sendmsg(2)
    public func write(_ bytes: Span<UInt8>) throws(Errno) -> WriteResult { try descriptor.send(bytes, Span()) }

    /// Closes the sending side; reading still works. shutdown(2)
    public func shutdownWriting() { descriptor.shutdownWriting() }
}
