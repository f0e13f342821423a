// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Relay
import Testing
import WireGuard

@Suite struct `Sessions` {
    @Test func `WG-E-1 packets follow a peer that moved to another port`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let before = a.endpoint
        a.move()
        a.send([])
        try #require(eventually { hub.engine.status().peers.first { $0.publicKey == a.publicKey }?.endpoint == a.endpoint })
        #expect(before != a.endpoint)
        b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
        #expect(a.receive() != nil)
    }

    @Test func `WG-S-14 a peer that lost its keys can connect at once`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let key = PrivateKey.generate()
        let first = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: hub.engine.listen, privateKey: key)
        hub.add(first, reaching: [])
        try #require(first.connect())
        Linux.Thread.sleep(.milliseconds(40))
        let second = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: hub.engine.listen, privateKey: key)
        try #require(second.connect())
        second.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(second.receive() != nil)
    }

    @Test func `WG-S-6 late packets of the previous session still arrive`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let late = a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        Linux.Thread.sleep(.milliseconds(40))
        a.forgetSession()
        try #require(a.connect())
        a.sendRaw(late)
        #expect(b.receive() != nil)
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-L-2 a removed peer loses its session, and can be added again`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        try #require(a.connect())
        try #require(eventually { hub.engine.status().peers.first?.hasKeypair == true })
        let report = hub.engine.apply([.remove(a.publicKey)], generation: 2)
        #expect(report.keypairsDropped == 1)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive(timeout: .milliseconds(100)) == nil)
        #expect(eventually { hub.engine.status().drops == [.unknownIndex: 1] })
        hub.add(a, reaching: [])
        a.forgetSession()
        Linux.Thread.sleep(.milliseconds(40))
        #expect(a.connect())
    }

    @Test func `WG-L-3 a new preshared key keeps the session and applies from the next handshake`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        try #require(a.connect())
        _ = hub.engine.apply([.update(a.configuration(reaching: [], presharedKey: .generate()))], generation: 2)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive() != nil)
        Linux.Thread.sleep(.milliseconds(40))
        a.forgetSession()
        #expect(!a.connect(timeout: .milliseconds(200)))
    }

    @Test func `WG-I-7 the hub connects to a peer with a keepalive whose endpoint it remembers`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        _ = hub.engine.apply(
            [.add(a.configuration(reaching: [], keepalive: .seconds(25)), PeerMemory(endpoint: a.endpoint))], generation: 1)
        #expect(a.awaitSession())
        #expect(a.messagesReceived == [.initiation, .transport])
        #expect(eventually { hub.engine.status().peers.first?.lastHandshake != nil })
    }

    @Test func `WG-T-6 an initiation from before a restart is refused afterwards`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        let recorded = a.sendInitiation()
        try #require(eventually { hub.engine.status().peers.first?.greatestTimestamp != nil })
        let memory = PeerMemory(greatestTimestamp: hub.engine.status().peers[0].greatestTimestamp)
        _ = hub.engine.apply([.remove(a.publicKey)], generation: 2)
        _ = hub.engine.apply([.add(a.configuration(reaching: []), memory)], generation: 3)
        a.sendRaw(recorded)
        #expect(eventually { hub.engine.status().drops[.timestampReplay] == 1 })
    }

    @Test func `WG-T-5 the hub's own initiations are later than those before a restart, even if the clock went back`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        let ahead = Timestamp(unixNanoseconds: UInt64(UnixTime.now().seconds + 3_600) * 1_000_000_000)
        let configuration = a.configuration(reaching: [], keepalive: .seconds(25))
        _ = hub.engine.apply([.add(configuration, PeerMemory(endpoint: a.endpoint, timestampSent: ahead.bytes))], generation: 1)
        #expect(hub.engine.clockLag > .seconds(3_500))
        try #require(a.awaitSession())
        #expect(a.hub.greatestTimestamp > ahead)
        #expect(hub.engine.status().peers[0].timestampSent == a.hub.greatestTimestamp.bytes)
    }

    @Test func `WG-X-7 bytes are counted as whole messages both ways`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        try #require(a.connect())
        // A ping of 32 bytes inside a message of 64.
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        _ = a.receive()
        try #require(eventually { hub.engine.status().peers[0].sentBytes == 92 + 64 })
        #expect(hub.engine.status().peers[0].receivedBytes == 148 + 32 + 64)
    }

    @Test func `WG-U-5b a handshake that the hub answered counts from the first packet under its session`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        a.sendInitiation()
        try #require(a.awaitSession())
        Linux.Thread.sleep(.milliseconds(1100))
        #expect(hub.engine.peer(a.publicKey)?.lastHandshake == nil)
        let before = UnixTime.now().seconds
        a.send([])
        #expect(eventually { hub.engine.peer(a.publicKey)?.lastHandshake != nil })
        #expect(try #require(hub.engine.peer(a.publicKey)?.lastHandshake) >= before)
    }

    @Test func `WG-L-9 WG-V-20 live edits, removals and additions under traffic lose no packet of an untouched pair`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let keys = (0..<20).map { _ in PrivateKey.generate().publicKey }
        for round in 0..<200 {
            let prefix = IPPrefix("10.9.\(round % 20).0/24")!
            let peer = PeerConfiguration(
                publicKey: keys[round % 20], ownedPrefixes: [prefix], allowedIPs: [IPPrefix("10.3.2.\(round % 250)/32")!],
                persistentKeepalive: .seconds(25))
            let change: PeerChange = round % 3 == 2 ? .remove(peer.publicKey) : .add(peer, PeerMemory())
            _ = hub.engine.apply([change], generation: Int64(round))
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(round)]))
            let packet = try #require(b.receive())
            #expect(packet[28] == UInt8(round))
        }
        #expect(hub.engine.status().drops == [:])
        #expect(a.faults == [])
        #expect(b.faults == [])
    }
}

/// Whether something becomes true within half a minute, which busy machines may need.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = Instant.now() + .seconds(30)
    while Instant.now() < deadline {
        if condition() { return true }
        Linux.Thread.sleep(.milliseconds(5))
    }
    return condition()
}
