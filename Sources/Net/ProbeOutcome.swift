// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The result of a probe: an echo request sent into one device's tunnel with another address as its source. `name` is the word in the API.
public enum ProbeOutcome: Equatable, Sendable {
    /// The device answered; the value is the round-trip time between hub and device.
    case answered(Duration)
    /// The device answered small echoes only. `largest` is the size in bytes of the largest packet that was answered, in steps of 16; nil if
    /// none of 576 bytes was. A packet of `tried` bytes was not answered.
    case largeLost(Duration, largest: Int?, tried: Int)
    /// The device answered with an ICMP error: it accepts the packet, but its firewall refuses pings.
    case refused
    /// The tunnel is up, but no answer came in time. The device's own configuration does not allow the source, or its firewall drops pings.
    case noAnswer
    /// No handshake completed within two seconds.
    case noSession
    /// The hub has no endpoint for the device because it has never connected.
    case noEndpoint
    /// The engine has no device with this address, or the two addresses are of different families.
    case notInForce
    /// Too many probes are running.
    case limited

    /// The word in the API.
    public var name: String {
        switch self {
        case .answered: "answered"
        case .largeLost: "large_lost"
        case .refused: "refused"
        case .noAnswer: "no_answer"
        case .noSession: "no_session"
        case .noEndpoint: "no_endpoint"
        case .notInForce: "not_in_force"
        case .limited: "limited"
        }
    }

    /// The round-trip time between hub and device; nil when no reply came.
    public var roundTrip: Duration? {
        switch self {
        case .answered(let time), .largeLost(let time, _, _): time
        default: nil
        }
    }
}

extension ProbeOutcome: LosslessStringConvertible {
    /// The text on the control socket: the name and, for an answer, the round-trip time in nanoseconds. For lost large packets also the
    /// largest size that passed (0 for none) and the size that was tried.
    public var description: String {
        if case .largeLost(let time, let largest, let tried) = self { return "\(name) \(time.nanoseconds) \(largest ?? 0) \(tried)" }
        return roundTrip.map { "\(name) \($0.nanoseconds)" } ?? name
    }

    /// Parses what `description` prints; nil for any other text.
    public init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        if words.count == 2, words[0] == "answered", let nanoseconds = Int64(words[1]), nanoseconds >= 0 {
            self = .answered(.nanoseconds(nanoseconds))
        } else if words.count == 4, words[0] == "large_lost", let nanoseconds = Int64(words[1]), nanoseconds >= 0, let largest = Int(words[2]),
            let tried = Int(words[3])
        {
            self = .largeLost(.nanoseconds(nanoseconds), largest: largest == 0 ? nil : largest, tried: tried)
        } else if let outcome = [Self.refused, .noAnswer, .noSession, .noEndpoint, .notInForce, .limited].first(where: { $0.name == text }) {
            self = outcome
        } else {
            return nil
        }
    }
}
