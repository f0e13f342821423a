// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// A test of a link: echoes into the tunnels of devices in the name of others, which only a file that lets these in answers.
public struct LinkTest: Sendable {
    /// What the engine is asked to send: into the tunnel of the device with this key, as if from `source`.
    public struct Echo: Sendable, Equatable {
        public let key: PublicKey
        public let source: IPAddress
        public let destination: IPAddress

        public init(key: PublicKey, source: IPAddress, destination: IPAddress) {
            self.key = key
            self.source = source
            self.destination = destination
        }

    }

    /// One echo with what came of it.
    public struct Result: Equatable, Sendable {
        public let echo: Echo
        public let outcome: ProbeOutcome
    }

    /// In the order in which the echoes were asked for.
    public let results: [Result]

    /// `outcomes` are those of `echoes`, in the same order.
    public init(_ echoes: [Echo], _ outcomes: [ProbeOutcome]) {
        results = zip(echoes, outcomes).map { Result(echo: $0, outcome: $1) }
    }

    /// Both directions between two devices, in each family that both have.
    public static func echoes(between a: Device, and b: Device) -> [Echo] {
        echoes(into: b, from: [a.ipv4, a.ipv6]) + echoes(into: a, from: [b.ipv4, b.ipv6])
    }

    /// From the hub itself to a device.
    public static func echoes(from hub: Hub, into device: Device) -> [Echo] { echoes(into: device, from: [hub.ipv4, hub.ipv6]) }

    /// `sources` are an IPv4 and an IPv6 address, where there are such.
    private static func echoes(into device: Device, from sources: [IPAddress?]) -> [Echo] {
        zip(sources, [device.ipv4, device.ipv6]).compactMap { source, destination in
            guard let source, let destination else { return nil }
            return Echo(key: device.publicKey, source: source, destination: destination)
        }
    }

    /// The echoes into one device.
    public func results(into device: Device) -> [Result] { results.filter { $0.echo.key == device.publicKey } }

    /// True when the engine had too much to do to send all of them.
    public var isLimited: Bool { results.contains { $0.outcome == .limited } }
}

extension LinkTest.Result {
    /// The packet came in: an error from the machine's own firewall proves that as well as a reply.
    public var isIn: Bool {
        switch outcome {
        case .answered, .refused: true
        default: false
        }
    }

    /// What happened to these echoes into one device in the name of one other, for people.
    public static func sentence(_ results: [LinkTest.Result], into device: Device, from name: Phrase) -> Phrase {
        var sentences: [Phrase] = []
        for (number, result) in results.enumerated() {
            // What failed in the same way is one failure; round trips are told one by one.
            let alike = results.filter { $0.outcome == result.outcome }
            guard result.outcome.roundTrip != nil || results[..<number].allSatisfy({ $0.outcome != result.outcome }) else { continue }
            sentences.append(result.sentence(into: device.name, from: name, sources: .any(of: alike.map(\.echo.source.description))))
        }
        return sentences.joined()
    }

    private func sentence(into device: String, from name: Phrase, sources: Phrase) -> Phrase {
        switch outcome {
        case .answered(let time): "\(echo.source) to \(echo.destination): answered in \(Amount.milliseconds(time))."
        case .refused: "\(device) lets \(name) in (\(sources)), but its firewall refuses pings."
        case .noAnswer:
            "\(device) is connected but does not answer \(sources): the file on \(device) does not let \(name) in, or its firewall drops pings."
        case .noSession: "No session with \(device) within 2 s: it is off or cut off, or its file has another key, preshared key or endpoint."
        case .noEndpoint: "The hub does not know where \(device) is: it has never connected."
        case .notInForce: "The engine does not have \(device) with \(echo.destination): it is disabled or expired, or a change is not applied yet."
        case .limited: "Too many tests are running. Try again in a second."
        }
    }
}
