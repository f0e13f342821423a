// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Net
import Relay

/// Questions about devices that commands ask a running hub.
extension HubClient {
    /// The polling interval for a probe's outcome.
    private static let beat: Duration = .milliseconds(20)

    /// The UDP port that WireGuard listens on.
    public func wireguardPort() throws -> UInt16? { try ask(["hub=1"]).values(of: "listen_port").first.flatMap { UInt16($0) } }

    /// The engine's report on a device; nil when the engine does not have it yet.
    public func report(on device: Device) throws -> PeerReport? {
        let reply = try ask(["peer=\(device.publicKey.base64)"])
        return reply.error == nil ? PeerReport(lines: reply.lines) : nil
    }

    /// The status of these devices, as the pages show it.
    public func status(of devices: [Device]) throws -> HubStatus {
        var status = HubStatus()
        for (index, device) in devices.enumerated() {
            guard let report = try report(on: device) else { continue }
            status.peers[device.publicKey] = Translation.sight(of: device.publicKey, report)
            if !report.contested.isEmpty { status.contestedKeys[device.publicKey] = report.contested }
            // Both devices report a drop between them; count it once.
            let before = Set(devices[..<index].map(\.publicKey))
            status.pairDrops += report.drops.filter { drop in ![drop.from, drop.to].contains { $0.map(before.contains) ?? false } }.map(
                Translation.drop)
        }
        return status
    }

    /// Lets the hub send all probes at once, and waits for the outcomes.
    public func probe(_ echoes: [LinkTest.Echo]) throws -> [ProbeOutcome] {
        let begun = try echoes.map { try ask(["probe=\($0.key.base64)", "source=\($0.source)", "destination=\($0.destination)"]) }
        return try begun.map { reply in
            guard let id = reply.values(of: "id").first else { return try Self.outcome(in: reply) ?? .notInForce }
            while true {
                if let outcome = try Self.outcome(in: ask(["outcome=\(id)"])) { return outcome }
                Linux.Thread.sleep(Self.beat)
            }
        }
    }

    /// Throws when the hub did not understand the request because it has another version.
    private static func outcome(in reply: Reply) throws -> ProbeOutcome? {
        if let error = reply.error { throw HubUnavailable("The hub refused the test: \(error).") }
        return reply.values(of: "outcome").first.flatMap { ProbeOutcome($0) }
    }
}
