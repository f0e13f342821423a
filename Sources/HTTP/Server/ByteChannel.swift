// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import TLS

/// The only path from a connection to its socket. It handles encryption; all code above it sees plain bytes.
struct ByteChannel: ~Copyable {
    private let stream: SocketStream
    /// Nil over a unix socket.
    let peer: Endpoint?
    /// Nil for a connection without TLS.
    let secure: SecureLayer?

    init(_ stream: consuming SocketStream, secure: SecureLayer? = nil) {
        peer = stream.peer
        self.stream = stream
        self.secure = secure
    }

    func register(with poller: borrowing Poller, token: UInt64, for interest: Poller.Interest) throws(Errno) {
        try poller.add(stream.descriptor, token: token, for: interest)
    }

    func change(_ poller: borrowing Poller, token: UInt64, to interest: Poller.Interest) throws(Errno) {
        try poller.modify(stream.descriptor, token: token, for: interest)
    }

    func read(into buffer: inout [UInt8]) throws(Errno) -> SecureLayer.Received {
        if let secure { return try secure.read(stream, into: &buffer) }
        return .plain(try stream.read(into: &buffer))
    }

    /// Reads at most `limit` bytes that come before TLS.
    func readPlain(into buffer: inout [UInt8], atMost limit: Int) throws(Errno) -> ReadResult { try stream.read(into: &buffer, atMost: limit) }

    /// Returns how many bytes of both parts were taken; nil when there is no room.
    func write(_ first: Span<UInt8>, _ second: Span<UInt8>) throws(Errno) -> Int? {
        if let secure { return try secure.write(stream, first, second) }
        switch try stream.write(first, second) {
        case .bytes(let count): return count
        case .wouldBlock: return nil
        }
    }

    /// Whether encrypted bytes wait for room in the socket.
    var hasOutput: Bool { secure?.hasOutput ?? false }

    /// Sends the waiting encrypted bytes.
    func flush() throws(Errno) { try secure?.flush(stream) }

    func shutdownWriting() {
        secure?.end(stream)
        stream.shutdownWriting()
    }

    /// Sends the TLS close notification before the socket is closed.
    func end() { secure?.end(stream) }

    func resetOnClose() { stream.resetOnClose() }
}
