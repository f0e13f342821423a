// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing
import WireGuard

@testable import Relay

/// B at 10.3.2.3 is disabled, and C has the route 10.3.2.0/28, which covers B's address.
@Suite struct `A disabled peer` {
    private let hub: Hub
    private let (a, b, c): (TestPeer, TestPeer, TestPeer)

    init() throws {
        hub = try Hub()
        (a, b) = try hub.pair()
        c = hub.peer("10.3.2.4")
        _ = hub.engine.apply([.update(a.configuration(reaching: ["10.3.2.0/24"]))], generation: 2)
        var router = c.configuration(reaching: ["10.3.2.0/24"])
        router.ownedPrefixes.append(IPPrefix("10.3.2.0/28")!)
        _ = hub.engine.apply([.add(router, PeerMemory())], generation: 3)
        try #require(c.connect())
    }

    @discardableResult
    private func set(_ peer: TestPeer, enabled: Bool, keepalive: Duration = .zero) -> ApplyReport {
        var configuration = peer.configuration(reaching: ["10.3.2.0/24"], keepalive: keepalive)
        configuration.isEnabled = enabled
        return hub.engine.apply([.update(configuration)], generation: 4)
    }

    @Test func `keeps its address: a peer whose route covers it neither gets its packets nor sends as it`() throws {
        defer { hub.stop() }
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(b.receive() != nil)
        #expect(set(b, enabled: false).keypairsDropped == 1)

        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(eventually { hub.engine.dropped(.peerDisabled) == 1 })
        #expect(c.receive(timeout: .milliseconds(100)) == nil)
        // As if nobody had the address: host unreachable.
        let error = try #require(a.receive())
        #expect(Array(error[20...21]) == [3, 1])
        let drop = try #require(hub.engine.status().pairDrops.first { $0.reason == .peerDisabled })
        #expect(drop.from == a.publicKey)
        #expect(drop.to == b.publicKey)

        c.send(Packet.echo(from: "10.3.2.3", to: "10.3.2.2"))
        #expect(eventually { hub.engine.dropped(.sourceNotAllowed) == 1 })
        #expect(a.receive(timeout: .milliseconds(100)) == nil)
        // The rest of the route belongs to C.
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.9"))
        #expect(c.receive() != nil)
    }

    @Test func `loses its keypair at once, and its handshakes are refused`() throws {
        defer { hub.stop() }
        set(b, enabled: false, keepalive: .seconds(1))
        #expect(hub.engine.peer(b.publicKey)?.hasKeypair == false)
        b.send(Packet.echo(from: "10.3.2.3", to: "10.3.2.2"))
        #expect(eventually { hub.engine.dropped(.unknownIndex) == 1 })
        Linux.Thread.sleep(.milliseconds(40))
        b.sendInitiation()
        #expect(eventually { hub.engine.peer(b.publicKey)?.drops[.peerDisabled] == 1 })
        // No answer, no keepalive and no initiation of the hub, however much time passes.
        for minutes in [1, 5, 10] { hub.engine.passTime(.seconds(60 * minutes), for: b.publicKey) }
        #expect(b.receiveMessage(timeout: .milliseconds(200)) == nil)
        #expect(hub.engine.peer(b.publicKey)?.hasKeypair == false)
        #expect(a.receive(timeout: .milliseconds(50)) == nil)
        // Its endpoint and the time when it was heard stay known.
        #expect(hub.engine.peer(b.publicKey)?.endpoint == b.endpoint)
        #expect(hub.engine.peer(b.publicKey)?.lastReceived != nil)
    }

    @Test func `works as before once it is enabled again`() throws {
        defer { hub.stop() }
        set(b, enabled: false)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(eventually { hub.engine.dropped(.peerDisabled) == 1 })
        #expect(set(b, enabled: true).keypairsDropped == 0)
        // The hub knows its endpoint, so a packet for it waits for the handshake.
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(b.receive() != nil)
        b.send(Packet.echo(from: "10.3.2.3", to: "10.3.2.2"))
        #expect(eventually { a.receive(timeout: .milliseconds(100))?[20] == 8 })
    }

    @Test func `loses the packets that wait for it`() throws {
        defer { hub.stop() }
        let (silent, socket) = (hub.peer("10.3.2.5"), LoopbackSocket())
        _ = hub.engine.apply([.add(silent.configuration(reaching: ["10.3.2.0/24"]), PeerMemory(endpoint: socket.endpoint))], generation: 4)
        for _ in 0..<3 { a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.5")) }
        #expect(eventually { hub.engine.peer(silent.publicKey)?.staged == 3 })
        set(silent, enabled: false)
        #expect(hub.engine.dropped(.peerRemoved) == 3)
        #expect(hub.engine.peer(silent.publicKey)?.staged == 0)
        #expect(hub.engine.control.locked { hub.engine.control.peers[silent.publicKey]?.handshake.pendingIndex } == nil)
    }

    @Test func `that is new gets no initiation, and is not listed for wg`() throws {
        defer { hub.stop() }
        let socket = LoopbackSocket()
        var configuration = hub.peer("10.3.2.5").configuration(reaching: ["10.3.2.0/24"], keepalive: .seconds(1))
        configuration.isEnabled = false
        let listed = { (hub.engine.answer(uapi: Array("get=1\n".utf8)).map { String(decoding: $0, as: UTF8.self) } ?? "").split(separator: "\n") }
        let before = listed().filter { $0.hasPrefix("public_key=") }.count
        _ = hub.engine.apply([.add(configuration, PeerMemory(endpoint: socket.endpoint))], generation: 4)
        #expect(listed().filter { $0.hasPrefix("public_key=") }.count == before)
        #expect(before == 3)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.5"))
        #expect(eventually { hub.engine.dropped(.peerDisabled) == 1 })
        #expect(socket.receive() == nil)
        configuration.isEnabled = true
        _ = hub.engine.apply([.update(configuration)], generation: 5)
        #expect(eventually { socket.receive()?.bytes.count == 148 })
    }

    @Test func `cannot be probed`() throws {
        defer { hub.stop() }
        set(b, enabled: false)
        let probe = Probe(peer: b.publicKey, source: IPAddress("10.3.2.2")!, destination: IPAddress("10.3.2.3")!)
        #expect(hub.engine.probe([probe]) == [.notInForce])
    }
}
