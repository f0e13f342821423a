// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// One packet and what the hub decided about it, as `hairpin trace` shows it.
public struct TracedPacket: Equatable, Sendable {
    /// What became of the packet.
    public enum Verdict: Equatable, Sendable {
        /// Sealed for the receiver.
        case forwarded
        /// Waits for the receiver's handshake.
        case staged
        /// For the hub itself, which answered.
        case delivered
        /// Carried nothing.
        case keepalive
        case dropped(DropReason)
    }

    /// When it was decided, in nanoseconds since 1970.
    public var at: Int64
    /// Whose packet it was.
    public var from: PublicKey?
    /// Whom it was for, as far as that was found out.
    public var to: PublicKey?
    /// Addresses of the inner packet; nil where there is none to be read.
    public var source: IPAddress?
    public var destination: IPAddress?
    /// Bytes of the inner packet, or of the datagram where there is none.
    public var byteCount: Int
    /// The number of the inner packet's protocol (IANA), for IPv6 its first next-header value.
    public var nextProtocol: UInt8?
    public var verdict: Verdict
}

extension TracedPacket: LosslessStringConvertible {
    /// The form on the control socket: eight fields with a space between them, `-` for what is not known.
    public var description: String {
        [
            String(at), from?.base64 ?? "-", to?.base64 ?? "-", source?.description ?? "-", destination?.description ?? "-", String(byteCount),
            nextProtocol.map { String($0) } ?? "-", verdict.description,
        ].joined(separator: " ")
    }

    /// Nil for a text of another form.
    public init?(_ text: String) {
        let fields = text.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 8, let at = Int64(fields[0]), let byteCount = Int(fields[5]), let verdict = Verdict(String(fields[7])) else {
            return nil
        }
        self.init(
            at: at, from: PublicKey(base64: fields[1]), to: PublicKey(base64: fields[2]), source: IPAddress(fields[3]),
            destination: IPAddress(fields[4]), byteCount: byteCount, nextProtocol: UInt8(fields[6]), verdict: verdict)
    }
}

extension TracedPacket.Verdict: LosslessStringConvertible {
    /// The word for it; a drop says its reason by the name in protocol.md section 16.
    public var description: String {
        switch self {
        case .forwarded: "forwarded"
        case .staged: "staged"
        case .delivered: "delivered"
        case .keepalive: "keepalive"
        case .dropped(let reason): reason.name
        }
    }

    /// Nil for any other word.
    public init?(_ text: String) {
        switch text {
        case "forwarded": self = .forwarded
        case "staged": self = .staged
        case "delivered": self = .delivered
        case "keepalive": self = .keepalive
        default:
            guard let reason = DropReason.allCases.first(where: { $0.name == text }) else { return nil }
            self = .dropped(reason)
        }
    }
}
