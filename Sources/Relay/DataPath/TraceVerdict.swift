// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What became of a message, in a trace.
public enum TraceVerdict: Equatable, Sendable {
    /// Sealed for the receiver.
    case forwarded
    /// Waits for the receiver's handshake.
    case staged
    /// For the hub itself, which answered.
    case delivered
    /// Carried nothing.
    case keepalive
    /// The answer to a probe of the hub's, which goes no further.
    case probe
    /// An initiation that the hub answered with a response.
    case answered
    /// A response that began a session.
    case session
    /// A cookie that the next initiation carries.
    case cookie
    /// An initiation of the hub's own.
    case sent
    /// The peer did not answer twenty initiations; the hub rests until it is heard.
    case gaveUp
    case dropped(DropReason)

    /// Those without a reason.
    private static let plain: [TraceVerdict] = [
        .forwarded, .staged, .delivered, .keepalive, .probe, .answered, .session, .cookie, .sent, .gaveUp,
    ]
}

extension TraceVerdict: LosslessStringConvertible {
    /// The word for it; a drop says its reason by the name in Documentation/protocol.md section 16.
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
        }
    }

    /// Nil for any other word.
    public init?(_ text: String) {
        if let verdict = Self.plain.first(where: { $0.description == text }) {
            self = verdict
        } else if let reason = DropReason.allCases.first(where: { $0.name == text }) {
            self = .dropped(reason)
        } else {
            return nil
        }
    }
}
