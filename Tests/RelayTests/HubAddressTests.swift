// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Relay

@Suite struct `The hub's own addresses` {
    private func move(_ hub: Hub, _ addresses: String..., changes: [PeerChange] = []) -> ApplyReport {
        hub.engine.apply(changes, hubAddresses: addresses.compactMap { IPAddress($0) }, generation: 2)
    }

    @Test func `change during a session, which then gets answers to pings only from the new one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        try #require(a.connect())
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive()?[20] == 0)
        let report = move(hub, "10.3.0.1")
        #expect(report.hubMoved)
        #expect(report.keypairsDropped == 0)
        #expect(report.changedPeers == 0)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.0.1"))
        #expect(a.receive().map { Array($0[12..<16]) } == [10, 3, 0, 1])
        // Nobody has the old one, and the new one reports that.
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        let refusal = try #require(a.receive())
        #expect(refusal[20] == 3)
        #expect(Array(refusal[12..<16]) == [10, 3, 0, 1])
        #expect(hub.engine.status().drops == [.noRouteToPeer: 1])
    }

    @Test func `can be added in a second family, and removed`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        var configuration = a.configuration(reaching: [])
        configuration.ownedPrefixes.append(IPPrefix("fd00::2/128")!)
        _ = hub.engine.apply([.add(configuration, PeerMemory())], generation: 1)
        try #require(a.connect())
        _ = move(hub, "10.3.2.1", "fd00::1")
        a.send(Packet.ipv6(from: "fd00::2", to: "fd00::9", payload: [1, 2, 3, 4]))
        let error = try #require(a.receive())
        #expect(error[40] == 1)
        #expect(Array(error[8..<24]) == Packet.bytes("fd00::1"))
        _ = move(hub)
        a.send(Packet.ipv6(from: "fd00::2", to: "fd00::1", payload: [1, 2, 3, 4]))
        #expect(eventually { hub.engine.status().drops[.noRouteToPeer] == 2 })
    }

    @Test func `that stay the same change nothing and make no new snapshot`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let before = hub.engine.control.locked { hub.engine.control.routing.snapshot }
        #expect(!move(hub, "10.3.2.1").hubMoved)
        #expect(!hub.engine.apply([], generation: 3).hubMoved)
        #expect(hub.engine.control.locked { hub.engine.control.routing.snapshot === before })
    }

    @Test func `can be swapped with a peer's in one step`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        var configuration = a.configuration(reaching: [])
        configuration.ownedPrefixes = [IPPrefix("10.3.2.1/32")!]
        _ = move(hub, "10.3.2.2", changes: [.update(configuration)])
        try #require(a.connect())
        a.send(Packet.echo(from: "10.3.2.1", to: "10.3.2.2"))
        #expect(a.receive().map { Array($0[12..<16]) } == [10, 3, 2, 2])
    }
}
