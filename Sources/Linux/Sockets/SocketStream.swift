// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// One connection over TCP or over a unix socket, non-blocking; TCP without Nagle's delay. tcp(7), unix(7)
public struct SocketStream: ~Copyable, Sendable {
    /// For the poller.
    public let descriptor: Descriptor
    /// The peer; an IPv4 peer of a dual-stack socket is returned as IPv4. Nil over a unix socket, whose clients have no address.
    public let peer: Endpoint?

    init(accepted: consuming Descriptor, peer: Endpoint?) {
        descriptor = accepted
        self.peer = peer
        // Fails only on a connection that is already closed; the first read reports that.
        if peer != nil { try? descriptor.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1)) }
    }

    /// Starts to connect. When the descriptor is writable, the attempt has ended: check `connectError`. connect(2)
    public init(connectingTo endpoint: Endpoint) throws(Errno) {
        let socket = try Descriptor.socket(endpoint.address.isV4 ? AF_INET : AF_INET6, SOCK_STREAM)
        let number = socket.raw
        do {
            try systemCall { SocketAddress.with(endpoint) { connect(number, $0, $1) } }
        } catch {
            if error.code != EINPROGRESS { throw error }
        }
        self.init(accepted: socket, peer: endpoint)
    }

    /// Connects to the unix socket at `path`, or to an abstract name that begins with `@`. Throws `.noSuchFile` or `.connectionRefused` when
    /// no process listens. connect(2)
    public init(connectingTo path: String) throws(Errno) {
        let socket = try Descriptor.socket(AF_UNIX, SOCK_STREAM)
        let number = socket.raw
        let result = try systemCall { SocketAddress.withUnix(path) { connect(number, $0, $1) } ?? 1 }
        if result == 1 { throw .nameTooLong }
        self.init(accepted: socket, peer: nil)
    }

    /// The error of the connection attempt; nil when it succeeded. getsockopt(2), SO_ERROR
    public var connectError: Errno? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let result = getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &code, &length)
        if result == -1 { return Errno.last }
        return code == 0 ? nil : Errno(code)
    }

    /// Our end of the connection. getsockname(2)
    public func localEndpoint() throws(Errno) -> Endpoint { try SocketAddress.local(of: descriptor) }

    /// Reads at most `limit` bytes to the start of `buffer`. Throws `.connectionReset` when the peer reset the connection. recv(2)
    public func read(into buffer: inout [UInt8], atMost limit: Int = .max) throws(Errno) -> ReadResult {
        try descriptor.receive(into: &buffer, atMost: limit)
    }

    /// Writes what fits. Throws `.brokenPipe` or `.connectionReset` when the peer is gone. sendmsg(2)
    public func write(_ bytes: Span<UInt8>) throws(Errno) -> WriteResult { try descriptor.send(bytes, Span()) }

    /// Writes both parts with one call. Throws like `write(_:)`.
    public func write(_ first: Span<UInt8>, _ second: Span<UInt8>) throws(Errno) -> WriteResult {
        try descriptor.send(first, second)
    }

    /// Closes the sending side; reading still works. shutdown(2)
    public func shutdownWriting() { descriptor.shutdownWriting() }

    /// Makes the next close send a reset (RST) over TCP, which discards queued data. socket(7), SO_LINGER
    public func resetOnClose() {
        try? descriptor.setOption(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }
}
