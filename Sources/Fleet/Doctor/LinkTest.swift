// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// A test of a link. The hub sends echo requests to a device with another device's address as source. Only a device whose file allows that
/// address answers.
public struct LinkTest: Sendable {
    /// An echo that the engine is to send: into the tunnel of the device with this key, with `source` as source address.
    public struct Echo: Sendable, Equatable {
        public let key: PublicKey
        public let source: IPAddress
        public let destination: IPAddress
        /// The size in bytes of the largest packet that should pass; nil to send one small packet.
        public var byteCount: Int?

        public init(key: PublicKey, source: IPAddress, destination: IPAddress, byteCount: Int? = nil) {
            self.key = key
            self.source = source
            self.destination = destination
            self.byteCount = byteCount
        }
    }

    /// One echo with its outcome.
    public struct Result: Equatable, Sendable {
        public let echo: Echo
        public let outcome: ProbeOutcome
    }

    /// The results, in the order of the echoes.
    public let results: [Result]

    /// `outcomes` must be in the same order as `echoes`.
    public init(_ echoes: [Echo], _ outcomes: [ProbeOutcome]) {
        results = zip(echoes, outcomes).map { Result(echo: $0, outcome: $1) }
    }

    /// The MTU that `wg-quick` sets if the file has none: 1500 minus the largest overhead, 80 bytes.
    private static let usualMTU = 1420

    /// The size in bytes of the largest packet that the device sends and receives.
    static func packetByteCount(of device: Device, over defaults: Defaults) -> Int { device.settings(over: defaults).mtu ?? usualMTU }

    /// The echoes for both directions between two devices, in each address family that both have. The first one in each direction also tests
    /// packets of full size. With an address behind `b`, the echoes ask for that address, and for `b` itself for comparison.
    public static func echoes(between a: Device, and b: Device, address: IPAddress? = nil, over defaults: Defaults) -> [Echo] {
        var (there, back) = (echoes(into: b, from: [a.ipv4, a.ipv6]), echoes(into: a, from: [b.ipv4, b.ipv6]))
        if let address, address != b.ipv4, address != b.ipv6 {
            guard let own = address.isV4 ? a.ipv4 : a.ipv6 else { return [] }
            there = [Echo(key: b.publicKey, source: own, destination: address)] + there.filter { $0.source == own }
            back = [Echo(key: a.publicKey, source: address, destination: own)]
        }
        let byteCount = min(packetByteCount(of: a, over: defaults), packetByteCount(of: b, over: defaults))
        if !there.isEmpty { there[0].byteCount = byteCount }
        if !back.isEmpty { back[0].byteCount = byteCount }
        return there + back
    }

    /// The echoes from the hub itself to a device. The first one also tests packets of full size.
    public static func echoes(from hub: Hub, into device: Device, over defaults: Defaults) -> [Echo] {
        var echoes = echoes(into: device, from: [hub.ipv4, hub.ipv6])
        if !echoes.isEmpty { echoes[0].byteCount = packetByteCount(of: device, over: defaults) }
        return echoes
    }

    /// `sources` holds an IPv4 and an IPv6 address, nil where there is none.
    private static func echoes(into device: Device, from sources: [IPAddress?]) -> [Echo] {
        zip(sources, [device.ipv4, device.ipv6]).compactMap { source, destination in
            guard let source, let destination else { return nil }
            return Echo(key: device.publicKey, source: source, destination: destination)
        }
    }

    /// The results of the echoes to one device.
    public func results(into device: Device) -> [Result] { results.filter { $0.echo.key == device.publicKey } }

    /// True if every echo was answered, also those of full size.
    public var isPassed: Bool {
        results.allSatisfy { if case .largeLost = $0.outcome { false } else { $0.isIn } }
    }

    /// True if the engine was too busy to send all echoes.
    public var isLimited: Bool { results.contains { $0.outcome == .limited } }
}

extension LinkTest.Result {
    /// True if the packet reached the device. An error from the device's own firewall proves that as well as a reply does.
    public var isIn: Bool {
        switch outcome {
        case .answered, .largeLost, .refused: true
        default: false
        }
    }

    /// The result of the echoes to one device with one other device's addresses as source, for people.
    public static func sentence(_ results: [LinkTest.Result], into device: Device, from name: Phrase) -> Phrase {
        var sentences: [Phrase] = []
        for (number, result) in results.enumerated() {
            // Echoes that failed in the same way are one failure. Round-trip times are listed one by one.
            let alike = results.filter { $0.outcome == result.outcome }
            guard result.outcome.roundTrip != nil || results[..<number].allSatisfy({ $0.outcome != result.outcome }) else { continue }
            sentences.append(result.sentence(into: device.name, from: name, sources: .any(of: alike.map(\.echo.source.description))))
        }
        return sentences.joined()
    }

    private func sentence(into device: String, from name: Phrase, sources: Phrase) -> Phrase {
        switch outcome {
        case .answered(let time): "\(echo.source) to \(echo.destination): answered in \(Amount.milliseconds(time))."
        case .largeLost(let time, let largest, _):
            "\(echo.source) to \(echo.destination): answered in \(Amount.milliseconds(time)), but packets of more than \(Amount.count(largest ?? 0)) bytes are lost."
        case .refused: "\(device) lets \(name) in (\(sources)), but its firewall refuses pings."
        case .noAnswer:
            "\(device) is connected but does not answer \(sources): the file on \(device) does not let \(name) in, or its firewall drops pings."
        case .noSession: "No session with \(device) within 2 s."
        case .noEndpoint: "The hub does not know where \(device) is: it has never connected."
        case .notInForce: "The hub does not serve \(device) at \(echo.destination): it is disabled or expired, or a change is not applied yet."
        case .limited: "Too many tests are running. Try again in a second."
        }
    }
}
