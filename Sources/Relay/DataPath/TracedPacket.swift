// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import WireGuard

/// One message and what the hub decided about it, as `hairpin trace` shows it.
public struct TracedPacket: Equatable, Sendable {
    /// The time of the decision, in nanoseconds since 1970.
    public var at: Int64
    /// What kind of message it was.
    public var type: MessageType
    /// The sender; nil for the hub, or when unknown.
    public var from: PublicKey?
    /// The receiver, as far as it was determined; nil for the hub.
    public var to: PublicKey?
    /// The endpoint that it came from; for a message of the hub, the endpoint that it was sent to.
    public var outside: Endpoint?
    /// The addresses of the inner packet; nil when there is no readable one.
    public var source: IPAddress?
    public var destination: IPAddress?
    /// The length of the inner packet in bytes, or of the datagram when there is no inner packet.
    public var byteCount: Int
    /// The protocol number of the inner packet (IANA); for IPv6 its first next-header value.
    public var nextProtocol: UInt8?
    public var verdict: TraceVerdict
}

extension TracedPacket: LosslessStringConvertible {
    /// The text on the control socket: ten fields separated by spaces, `-` for an unknown one.
    public var description: String {
        [
            String(at), type.name, from?.base64 ?? "-", to?.base64 ?? "-", outside?.description ?? "-", source?.description ?? "-",
            destination?.description ?? "-", String(byteCount), nextProtocol.map { String($0) } ?? "-", verdict.description,
        ].joined(separator: " ")
    }

    /// Parses what `description` prints; nil for any other text.
    public init?(_ text: String) {
        let fields = text.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
        guard fields.count == 10, let at = Int64(fields[0]), let type = MessageType(name: fields[1]), let byteCount = Int(fields[7]),
            let verdict = TraceVerdict(fields[9])
        else { return nil }
        self.init(
            at: at, type: type, from: PublicKey(base64: fields[2]), to: PublicKey(base64: fields[3]), outside: Endpoint(fields[4]),
            source: IPAddress(fields[5]), destination: IPAddress(fields[6]), byteCount: byteCount, nextProtocol: UInt8(fields[8]), verdict: verdict)
    }
}

extension MessageType {
    /// The word for this type in a trace.
    public var name: String {
        switch self {
        case .initiation: "initiation"
        case .response: "response"
        case .cookieReply: "cookie_reply"
        case .transport: "data"
        }
    }

    fileprivate init?(name: String) {
        guard let type = [Self.initiation, .response, .cookieReply, .transport].first(where: { $0.name == name }) else { return nil }
        self = type
    }
}
