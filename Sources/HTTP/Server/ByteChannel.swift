// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// The only way from a connection to its socket. Encryption belongs in here: everything above sees plain bytes.
struct ByteChannel: ~Copyable {
    private let stream: TCPStream
    let peer: Endpoint
    /// True when the bytes are encrypted on the wire.
    let isTLS = false

    init(_ stream: consuming TCPStream) {
        peer = stream.peer
        self.stream = stream
    }

    func register(with poller: borrowing Poller, token: UInt64, for interest: Poller.Interest) throws(Errno) {
        try poller.add(stream.descriptor, token: token, for: interest)
    }

    func change(_ poller: borrowing Poller, token: UInt64, to interest: Poller.Interest) throws(Errno) {
        try poller.modify(stream.descriptor, token: token, for: interest)
    }

    func read(into buffer: inout [UInt8]) throws(Errno) -> ReadResult { try stream.read(into: &buffer) }

    /// The bytes taken over both parts, nil when there is no room.
    func write(_ first: Span<UInt8>, _ second: Span<UInt8>) throws(Errno) -> Int? {
        switch try stream.write(first, second) {
        case .bytes(let count): count
        case .wouldBlock: nil
        }
    }

    func shutdownWriting() { stream.shutdownWriting() }
    func resetOnClose() { stream.resetOnClose() }
}
