// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Portal
import Relay
import Store

/// What commands ask a running hub about devices.
extension ControlClient {
    /// How often the outcome of a probe is looked for.
    private static let beat: Duration = .milliseconds(20)

    /// What the engine knows of a device; nil when it does not run it, because that is not applied yet.
    func report(on device: Device) throws -> PeerReport? {
        let reply = try ask(["peer=\(device.publicKey.base64)"])
        return reply.error == nil ? PeerReport(lines: reply.lines) : nil
    }

    /// What pages would know of these devices.
    func snapshot(of devices: [Device]) throws -> EngineSnapshot {
        var snapshot = EngineSnapshot()
        for (index, device) in devices.enumerated() {
            guard let report = try report(on: device) else { continue }
            snapshot.peers[device.publicKey] = EngineSnapshot.PeerState(
                endpoint: report.endpoint, lastHandshakeAt: report.lastHandshake, lastReceivedAt: report.lastReceived,
                receivedBytes: report.receivedBytes, sentBytes: report.sentBytes)
            if !report.contested.isEmpty { snapshot.contestedKeys[device.publicKey] = report.contested }
            // A drop between two of them is told by both.
            let before = Set(devices[..<index].map(\.publicKey))
            let told = report.drops.filter { drop in ![drop.from, drop.to].contains { $0.map(before.contains) ?? false } }
            snapshot.pairDrops += told.map {
                EngineSnapshot.PairDrop(reason: $0.reason, from: $0.from, to: $0.to, count: $0.count, lastAt: $0.lastAt)
            }
        }
        return snapshot
    }

    /// Has the hub send all echoes at once, and waits for what comes of them.
    func probe(_ echoes: [LinkTest.Echo]) throws -> [ProbeOutcome] {
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
        if let error = reply.error { throw Failure.failed("The hub refused the test: \(error).") }
        return reply.values(of: "outcome").first.flatMap { ProbeOutcome($0) }
    }
}
