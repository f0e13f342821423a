// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What came of a probe: an echo request into one device's tunnel, with another address as its source. `name` is what the API says.
public enum ProbeOutcome: Equatable, Sendable {
    /// The device answered; the time from the hub to it and back.
    case answered(Duration)
    /// The device answered with an ICMP error: it lets the packet in, and its firewall refuses pings.
    case refused
    /// There is a session, and no answer came in time: the device's own file does not let the source in, or its firewall drops pings.
    case noAnswer
    /// No session came about within two seconds.
    case noSession
    /// The hub does not know where the device is: it has never connected.
    case noEndpoint
    /// The engine has no such device with this address, or the two addresses are not of one family.
    case notInForce
    /// Too many probes at this moment.
    case limited

    /// The word in the API.
    public var name: String {
        switch self {
        case .answered: "answered"
        case .refused: "refused"
        case .noAnswer: "no_answer"
        case .noSession: "no_session"
        case .noEndpoint: "no_endpoint"
        case .notInForce: "not_in_force"
        case .limited: "limited"
        }
    }

    /// The time from the hub to the device and back; nil where no reply came.
    public var roundTrip: Duration? { if case .answered(let time) = self { time } else { nil } }
}

extension ProbeOutcome: LosslessStringConvertible {
    /// The form on the control socket: the name, and for an answer the round trip in nanoseconds behind it.
    public var description: String { roundTrip.map { "\(name) \($0.nanoseconds)" } ?? name }

    /// Nil for a text of another form.
    public init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        if words.count == 2, words[0] == "answered", let nanoseconds = Int64(words[1]), nanoseconds >= 0 {
            self = .answered(.nanoseconds(nanoseconds))
        } else if let outcome = [Self.refused, .noAnswer, .noSession, .noEndpoint, .notInForce, .limited].first(where: { $0.name == text }) {
            self = outcome
        } else {
            return nil
        }
    }
}
