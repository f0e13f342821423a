// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Relay
import WireGuard
import Words

/// One message of a trace, formatted for people or programs.
struct TraceLine {
    let packet: TracedPacket
    /// The traced device.
    let device: PublicKey
    let names: [PublicKey: String]

    /// The time (UTC), the direction from the device's point of view, the devices, the message type and the decision.
    var text: String {
        [
            Self.time(packet.at), packet.from == device ? "sent" : "received", "\(name(packet.from)) > \(name(packet.to))", content,
            "\(packet.byteCount) bytes", packet.outside.map { (packet.from == nil ? "to " : "from ") + $0.description } ?? "-", verdict,
        ].joined(separator: "  ")
    }

    /// The same as a JSON object, with null for unknown values.
    var json: String {
        let key = { (key: PublicKey?) -> JSON in key.map { .string(names[$0] ?? $0.base64) } ?? .null }
        let object: JSON = [
            "at_ns": .integer(packet.at), "type": .string(packet.type.name), "from": key(packet.from), "to": key(packet.to),
            "outside": Self.text(packet.outside), "source": Self.text(packet.source), "destination": Self.text(packet.destination),
            "bytes": .integer(Int64(packet.byteCount)), "protocol": packet.nextProtocol.map { .integer(Int64($0)) } ?? .null,
            "verdict": .string(isDrop ? "dropped" : packet.verdict.description), "reason": reason.map { .string($0) } ?? .null,
            "rule": rule.map { .integer(Int64($0)) } ?? .null,
        ]
        return Listing.line(of: object)
    }

    private static func text(_ value: (some CustomStringConvertible)?) -> JSON { value.map { .string($0.description) } ?? .null }

    /// The name of the drop reason.
    private var reason: String? {
        if case .refused = packet.verdict { return DropReason.ruleRefused.name }
        return isDrop ? packet.verdict.description : nil
    }

    /// The number of the rule that refused the packet; 0 for the end of the list.
    private var rule: Int? { if case .refused(let rule) = packet.verdict { rule } else { nil } }

    private var isDrop: Bool {
        switch packet.verdict {
        case .dropped, .refused: true
        default: false
        }
    }

    /// The name of a device. Without a key, it is the hub in a handshake and unknown in a data message.
    private func name(_ key: PublicKey?) -> String { key.map { names[$0] ?? $0.base64 } ?? (packet.type == .transport ? "-" : "hub") }

    private var content: String {
        guard packet.type == .transport else { return packet.type == .cookieReply ? "cookie reply" : packet.type.name }
        guard let source = packet.source, let destination = packet.destination else { return "data" }
        return "\(source) > \(destination) \(protocolName)"
    }

    private var verdict: String {
        switch packet.verdict {
        case .dropped(let reason): "dropped \(reason.name)"
        case .refused(rule: 0): "dropped rule_refused by the end of the list"
        case .refused(let rule): "dropped rule_refused by rule \(rule)"
        case .answered: "answered with a response"
        case .session: "session begun"
        case .cookie: "cookie kept for the next initiation"
        case .sent: "initiation sent"
        case .gaveUp: "given up after twenty initiations"
        case .probe: "answer to a probe, kept"
        default: packet.verdict.description
        }
    }

    /// A time of day, such as `07:59:56.123`.
    private static func time(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        let seconds = milliseconds / 1000
        let two = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        let fraction = String(String(1000 + milliseconds % 1000).dropFirst())
        return "\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)"
    }

    private var protocolName: String {
        switch packet.nextProtocol {
        case nil: "-"
        case 1: "icmp"
        case 6: "tcp"
        case 17: "udp"
        case 58: "icmpv6"
        case let number?: "protocol \(number)"
        }
    }
}
