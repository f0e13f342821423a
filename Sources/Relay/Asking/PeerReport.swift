// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What the control socket reports about one peer.
public struct PeerReport: Equatable, Sendable {
    public var endpoint: Endpoint?
    /// Unix seconds; nil when there was none since the engine started.
    public var lastHandshake: Int64?
    public var lastReceived: Int64?
    /// As in `PeerStatus`.
    public var answered: UInt32 = 0
    public var answeredAt: Int64?
    public var called: UInt32 = 0
    public var calledSince: Int64?
    public var calledAt: Int64?
    /// Twelve bytes, in hexadecimal digits on the socket.
    public var greatestTimestamp: [UInt8]?
    /// Where the engine listens, and when the last datagram of any kind arrived.
    public var listen: Endpoint?
    public var lastDatagram: Int64?
    /// The last sources of handshakes that belong to no peer.
    public var strangers: [Stranger] = []
    /// Bytes received from and sent to the peer since the engine started.
    public var receivedBytes: UInt64 = 0
    public var sentBytes: UInt64 = 0
    /// The endpoints of two machines that seem to share the key; empty when only one uses it.
    public var contested: [Endpoint] = []
    /// Dropped packets from and to the peer, the most frequent first.
    public var drops: [PairDrop] = []

    /// Nil when the engine does not have the peer.
    init?(_ key: PublicKey, _ status: EngineStatus) {
        guard let peer = status.peers.first(where: { $0.publicKey == key }) else { return nil }
        endpoint = peer.endpoint
        lastHandshake = peer.lastHandshake
        lastReceived = peer.lastReceived
        (answered, answeredAt) = (peer.answered, peer.answeredAt)
        (called, calledSince, calledAt) = (peer.called, peer.calledSince, peer.calledAt)
        greatestTimestamp = peer.greatestTimestamp
        (listen, lastDatagram, strangers) = (status.listen, status.lastDatagram, status.strangers)
        receivedBytes = peer.receivedBytes
        sentBytes = peer.sentBytes
        contested = status.contestedKeys.first { $0.publicKey == key }?.endpoints ?? []
        drops = status.pairDrops.filter { $0.from == key || $0.to == key }
    }

    /// Parses the lines of an answer. Unknown lines are ignored.
    public init(lines: [Substring]) {
        for line in lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...])
            switch line[..<equals] {
            case "endpoint": endpoint = Endpoint(value)
            case "last_handshake": lastHandshake = Int64(value)
            case "last_received": lastReceived = Int64(value)
            case "answered": answered = UInt32(value) ?? 0
            case "answered_at": answeredAt = Int64(value)
            case "called": called = UInt32(value) ?? 0
            case "called_since": calledSince = Int64(value)
            case "called_at": calledAt = Int64(value)
            case "greatest_timestamp": greatestTimestamp = Self.bytes(value)
            case "listen": listen = Endpoint(value)
            case "last_datagram": lastDatagram = Int64(value)
            case "stranger": strangers += [Stranger(value)].compactMap { $0 }
            case "received_bytes": receivedBytes = UInt64(value) ?? 0
            case "sent_bytes": sentBytes = UInt64(value) ?? 0
            case "contested": contested += [Endpoint(value)].compactMap { $0 }
            case "drop": drops += [PairDrop(value)].compactMap { $0 }
            default: continue
            }
        }
    }

    func write(to lines: inout UAPIText.Lines) {
        if let endpoint { lines.add("endpoint", endpoint) }
        if let lastHandshake { lines.add("last_handshake", lastHandshake) }
        if let lastReceived { lines.add("last_received", lastReceived) }
        lines.add("answered", answered)
        if let answeredAt { lines.add("answered_at", answeredAt) }
        lines.add("called", called)
        if let calledSince { lines.add("called_since", calledSince) }
        if let calledAt { lines.add("called_at", calledAt) }
        if let greatestTimestamp { lines.add("greatest_timestamp", Self.hexadecimal(greatestTimestamp)) }
        if let listen { lines.add("listen", listen) }
        if let lastDatagram { lines.add("last_datagram", lastDatagram) }
        for stranger in strangers { lines.add("stranger", stranger) }
        lines.add("received_bytes", receivedBytes)
        lines.add("sent_bytes", sentBytes)
        for endpoint in contested { lines.add("contested", endpoint) }
        for drop in drops { lines.add("drop", drop) }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Nil unless the text is pairs of hexadecimal digits.
    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        let pairs = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16) }
        let bytes = pairs.compactMap { $0 }
        return bytes.count * 2 == digits.count ? bytes : nil
    }
}

extension Stranger: LosslessStringConvertible {
    /// The text on the control socket: reason, source and time.
    public var description: String { "\(reason.name) \(source) \(lastAt)" }

    /// Parses what `description` prints; nil for any other text.
    public init?(_ text: String) {
        let fields = text.split(separator: " ").map { String($0) }
        guard fields.count == 3, let reason = DropReason.allCases.first(where: { $0.name == fields[0] }), let source = Endpoint(fields[1]),
            let lastAt = Int64(fields[2])
        else { return nil }
        self.init(source: source, reason: reason, lastAt: lastAt)
    }
}

extension PairDrop: LosslessStringConvertible {
    /// The text on the control socket: reason, both keys (`-` for an unknown one), count, and time.
    public var description: String { "\(reason.name) \(from?.base64 ?? "-") \(to?.base64 ?? "-") \(count) \(lastAt)" }

    /// Parses what `description` prints; nil for any other text.
    public init?(_ text: String) {
        let fields = text.split(separator: " ").map { String($0) }
        guard fields.count == 5, let reason = DropReason.allCases.first(where: { $0.name == fields[0] }), let count = UInt64(fields[3]),
            let lastAt = Int64(fields[4])
        else { return nil }
        self.init(reason: reason, from: PublicKey(base64: fields[1]), to: PublicKey(base64: fields[2]), count: count, lastAt: lastAt)
    }
}
