// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import WireGuard

/// One message and what the hub decided about it, as `hairpin trace` shows it.
public struct TracedPacket: Equatable, Sendable {
    /// When it was decided, in nanoseconds since 1970.
    public var at: Int64
    /// What kind of message it was.
    public var type: MessageType
    /// Whose it was; nil for the hub's own, and where nobody can tell.
    public var from: PublicKey?
    /// Whom it was for, as far as that was found out; nil for the hub.
    public var to: PublicKey?
    /// Where on the Internet it came from, or went to when it is the hub's own.
    public var outside: Endpoint?
    /// Addresses of the inner packet; nil where there is none to be read.
    public var source: IPAddress?
    public var destination: IPAddress?
    /// Bytes of the inner packet, or of the datagram where there is none.
    public var byteCount: Int
    /// The number of the inner packet's protocol (IANA), for IPv6 its first next-header value.
    public var nextProtocol: UInt8?
    public var verdict: TraceVerdict
}

extension TracedPacket: LosslessStringConvertible {
    /// The form on the control socket: ten fields with a space between them, `-` for what is not known.
    public var description: String {
        [
            String(at), type.name, from?.base64 ?? "-", to?.base64 ?? "-", outside?.description ?? "-", source?.description ?? "-",
            destination?.description ?? "-", String(byteCount), nextProtocol.map { String($0) } ?? "-", verdict.description,
        ].joined(separator: " ")
    }

    /// Nil for a text of another form.
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
    /// The word for it in a trace.
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
