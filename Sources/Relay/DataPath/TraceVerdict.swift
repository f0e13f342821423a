// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What happened to a message, in a trace.
public enum TraceVerdict: Equatable, Sendable {
    /// It was encrypted for the receiver.
    case forwarded
    /// It waits for a handshake with the receiver.
    case staged
    /// It was for the hub, which answered.
    case delivered
    /// It carried no packet.
    case keepalive
    /// It answered a probe of the hub and is not forwarded.
    case probe
    /// It was an initiation, and the hub sent a response.
    case answered
    /// It was a response that created a keypair.
    case session
    /// It was a cookie, which the next initiation will carry.
    case cookie
    /// It was an initiation of the hub.
    case sent
    /// The peer did not answer twenty initiations; the hub waits until the peer is heard.
    case gaveUp
    case dropped(DropReason)
    /// This rule refused it, by its number for people; 0 is the end of the list. The drop reason is `.ruleRefused`.
    case refused(rule: Int)

    /// The verdicts without a drop reason.
    private static let plain: [TraceVerdict] = [
        .forwarded, .staged, .delivered, .keepalive, .probe, .answered, .session, .cookie, .sent, .gaveUp,
    ]
}

extension TraceVerdict: LosslessStringConvertible {
    /// The word for it; a drop includes the name of its reason (Documentation/protocol.md section 16).
    public var description: String {
        switch self {
        case .forwarded: "forwarded"
        case .staged: "staged"
        case .delivered: "delivered"
        case .keepalive: "keepalive"
        case .probe: "probe"
        case .answered: "answered"
        case .session: "session"
        case .cookie: "cookie"
        case .sent: "sent"
        case .gaveUp: "gave_up"
        case .dropped(let reason): reason.name
        case .refused(let rule): "\(DropReason.ruleRefused.name):\(rule)"
        }
    }

    /// Parses what `description` prints; nil for any other text.
    public init?(_ text: String) {
        if let verdict = Self.plain.first(where: { $0.description == text }) {
            self = verdict
        } else if let reason = DropReason.allCases.first(where: { $0.name == text }) {
            self = .dropped(reason)
        } else if text.hasPrefix("\(DropReason.ruleRefused.name):"), let rule = UInt16(text.dropFirst(DropReason.ruleRefused.name.count + 1)) {
            self = .refused(rule: Int(rule))
        } else {
            return nil
        }
    }
}
