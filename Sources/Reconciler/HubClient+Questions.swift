// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Net
import Relay

/// What commands ask a running hub about devices.
extension HubClient {
    /// How often the outcome of a probe is looked for.
    private static let beat: Duration = .milliseconds(20)

    /// What the engine knows of a device; nil when it does not run it, because that is not applied yet.
    public func report(on device: Device) throws -> PeerReport? {
        let reply = try ask(["peer=\(device.publicKey.base64)"])
        return reply.error == nil ? PeerReport(lines: reply.lines) : nil
    }

    /// What pages would know of these devices.
    public func status(of devices: [Device]) throws -> HubStatus {
        var status = HubStatus()
        for (index, device) in devices.enumerated() {
            guard let report = try report(on: device) else { continue }
            status.peers[device.publicKey] = Translation.sight(of: device.publicKey, report)
            if !report.contested.isEmpty { status.contestedKeys[device.publicKey] = report.contested }
            // A drop between two of them is told by both.
            let before = Set(devices[..<index].map(\.publicKey))
            status.pairDrops += report.drops.filter { drop in ![drop.from, drop.to].contains { $0.map(before.contains) ?? false } }.map(
                Translation.drop)
        }
        return status
    }

    /// Has the hub send all echoes at once, and waits for what comes of them.
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

    /// Throws when the hub did not understand: it is of another version.
    private static func outcome(in reply: Reply) throws -> ProbeOutcome? {
        if let error = reply.error { throw HubUnavailable("The hub refused the test: \(error).") }
        return reply.values(of: "outcome").first.flatMap { ProbeOutcome($0) }
    }
}
