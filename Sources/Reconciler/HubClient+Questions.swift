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
    /// The polling interval for a change, and how long a command waits for it. A change takes about a millisecond.
    private static let changeBeat: Duration = .milliseconds(2)
    private static let changePatience: Duration = .seconds(2)

    /// Tells the hub that this process committed a change, and waits until the engine has applied it. False if that takes too long.
    public func apply(_ generation: Int64) throws -> Bool {
        let deadline = Instant.now() + Self.changePatience
        while true {
            let applied = try ask(["changed=\(generation)"]).values(of: "applied").first.flatMap { Int64($0) }
            if let applied, applied >= generation { return true }
            guard Instant.now() < deadline else { return false }
            Linux.Thread.sleep(Self.changeBeat)
        }
    }

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
        var reports: [(key: PublicKey, report: PeerReport)] = []
        for (index, device) in devices.enumerated() {
            guard let report = try report(on: device) else { continue }
            reports.append((device.publicKey, report))
            status.listen = report.listen
            status.peers[device.publicKey] = Translation.sight(of: device.publicKey, report)
            if !report.contested.isEmpty { status.contestedKeys[device.publicKey] = report.contested }
            // Both devices report a drop between them; count it once.
            let before = Set(devices[..<index].map(\.publicKey))
            status.pairDrops += report.drops.filter { drop in ![drop.from, drop.to].contains { $0.map(before.contains) ?? false } }.map(
                Translation.drop)
        }
        status.evidence = Translation.evidence(reports)
        return status
    }

    /// Lets the hub send all probes at once, and waits for the outcomes.
    public func probe(_ echoes: [LinkTest.Echo]) throws -> [ProbeOutcome] {
        let begun = try echoes.map { echo in
            let size = echo.byteCount.map { ["size=\($0)"] } ?? []
            return try ask(["probe=\(echo.key.base64)", "source=\(echo.source)", "destination=\(echo.destination)"] + size)
        }
        var outcomes = try begun.map { reply in reply.values(of: "id").isEmpty ? try Self.outcome(in: reply) ?? .notInForce : nil }
        // In turn, because the questions drive the search for the largest packet.
        while outcomes.contains(where: { $0 == nil }) {
            for (index, reply) in begun.enumerated() where outcomes[index] == nil {
                outcomes[index] = try reply.values(of: "id").first.flatMap { try Self.outcome(in: ask(["outcome=\($0)"])) }
            }
            Linux.Thread.sleep(Self.beat)
        }
        return outcomes.compactMap { $0 }
    }

    /// Throws when the hub did not understand the request because it has another version.
    private static func outcome(in reply: Reply) throws -> ProbeOutcome? {
        if let error = reply.error { throw HubUnavailable("The hub refused the test: \(error).") }
        return reply.values(of: "outcome").first.flatMap { ProbeOutcome($0) }
    }
}
