// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization
import TLS

/// TLS between a connection and its socket.
/// Thread rule: only the event loop uses it, except that `shakeHands` runs on its own thread while the event loop does not touch it. The
/// lock covers one case: the loop drops a client whose handshake is still running.
final class SecureLayer: Sendable {
    private struct State: ~Copyable {
        var session: TLSSession
        var isReady = false
        /// Encrypted bytes for the socket; those before `sent` are already sent.
        var outgoing: [UInt8] = []
        var sent = 0
        /// How many plain bytes `outgoing` encrypts. They count as written when the last encrypted byte is sent.
        var inFlight = 0

        mutating func append(_ bytes: [UInt8]) {
            if sent == outgoing.count { (outgoing, sent) = (bytes, 0) } else { outgoing += bytes }
        }

        /// True when everything is sent.
        mutating func flush(_ stream: borrowing SocketStream) throws(Errno) -> Bool {
            while sent < outgoing.count {
                let nothing: [UInt8] = []
                guard case .bytes(let count) = try stream.write(outgoing.span.extracting(sent..<outgoing.count), nothing.span) else {
                    return false
                }
                sent += count
            }
            (outgoing, sent) = ([], 0)
            return true
        }
    }

    /// The result of one `read`.
    enum Received {
        case plain(ReadResult)
        /// Handshake bytes arrived: call `shakeHands`.
        case handshake
    }

    /// More might not fit into the event loop's buffer, together with the record that it may complete.
    private static let maximumRead = 32_768
    /// How many bytes are encrypted at once: one full record (RFC 8446 5.1).
    private static let maximumWrite = 16_384

    private let state: Mutex<State>

    /// Nil when memory is exhausted.
    init?(_ context: TLSContext) {
        guard let session = TLSSession(context) else { return nil }
        state = Mutex(State(session: session))
    }

    /// Whether encrypted bytes wait for room in the socket. Until they are sent, nothing else is read or written.
    var hasOutput: Bool { state.withLock { $0.sent < $0.outgoing.count } }

    /// Runs one costly step of the handshake, on the handshake thread.
    func shakeHands() -> TLSSession.Handshake {
        state.withLock { state in
            let progress = state.session.handshake()
            state.isReady = progress == .done
            state.outgoing = progress == .plainHTTP ? [] : state.session.takeOutput()
            state.sent = 0
            return progress
        }
    }

    /// What `flush` sends, without encryption, to a client whose handshake turned out to be plain HTTP.
    func answerInPlain(_ bytes: [UInt8]) { state.withLock { ($0.outgoing, $0.sent) = (bytes, 0) } }

    func read(_ stream: borrowing SocketStream, into buffer: inout [UInt8]) throws(Errno) -> Received {
        if let plain = try decrypt(into: &buffer) { return .plain(plain) }
        switch try stream.read(into: &buffer, atMost: Self.maximumRead) {
        case .end: return .plain(.end)
        case .wouldBlock: return .plain(.wouldBlock)
        case .bytes(let count):
            let bytes = buffer
            let isReady = state.withLock { state in
                state.session.receive(bytes.span.extracting(0..<count))
                return state.isReady
            }
            guard isReady else { return .handshake }
            return .plain(try decrypt(into: &buffer) ?? .wouldBlock)
        }
    }

    /// Returns how many bytes of both parts were taken: 0 when earlier bytes were only partly sent, nil when there is no room.
    func write(_ stream: borrowing SocketStream, _ first: Span<UInt8>, _ second: Span<UInt8>) throws(Errno) -> Int? {
        try state.withLock { state throws(Errno) -> Int? in
            guard state.isReady else { return nil }
            if state.inFlight == 0 {
                let head = min(first.count, Self.maximumWrite)
                let body = min(second.count, Self.maximumWrite - head)
                guard state.session.write(first.extracting(0..<head)), state.session.write(second.extracting(0..<body)) else {
                    throw .brokenPipe
                }
                state.inFlight = head + body
                state.append(state.session.takeOutput())
            }
            let before = state.sent
            guard try state.flush(stream) else { return state.sent > before ? 0 : nil }
            defer { state.inFlight = 0 }
            return state.inFlight
        }
    }

    func flush(_ stream: borrowing SocketStream) throws(Errno) {
        _ = try state.withLock { state throws(Errno) -> Bool in try state.flush(stream) }
    }

    /// Sends a TLS close notification if there is room.
    func end(_ stream: borrowing SocketStream) {
        state.withLock { state in
            guard state.isReady else { return }
            state.session.end()
            state.append(state.session.takeOutput())
            _ = try? state.flush(stream)
        }
    }

    /// Decrypted bytes of the session; nil when there are none.
    private func decrypt(into buffer: inout [UInt8]) throws(Errno) -> ReadResult? {
        try state.withLock { state throws(Errno) -> ReadResult? in
            guard state.isReady else { return nil }
            let result = state.session.read(into: &buffer)
            // Messages of TLS itself, such as the answer to a key update, or the alert that ends the session.
            state.append(state.session.takeOutput())
            switch result {
            case .bytes(let count): return .bytes(count)
            case .nothing: return nil
            case .end: return .end
            case .failed: throw .protocolError
            }
        }
    }
}
