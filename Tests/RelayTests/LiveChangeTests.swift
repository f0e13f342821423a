// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import Testing
import WireGuard

@testable import Relay

@Suite struct `Live changes` {
    @Test func `WG-L-1 a peer with the hub's own key is skipped, and its neighbours are not`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        let own = PeerConfiguration(publicKey: hub.engine.publicKey, ownedPrefixes: [IPPrefix("10.3.2.0/24")!], allowedIPs: [])
        _ = hub.engine.apply([.add(own, PeerMemory()), .add(a.configuration(reaching: []), PeerMemory())], generation: 1)
        #expect(hub.engine.status().peers.map(\.publicKey) == [a.publicKey])
        #expect(a.connect())
    }

    @Test func `WG-L-7 each setting of a peer can change without the others and without its session`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        var configuration = b.configuration(reaching: ["10.3.2.2/32"])
        for change in 0..<4 {
            switch change {
            case 0: configuration.mtu = 1300
            case 1: configuration.presharedKey = .generate()
            case 2: configuration.persistentKeepalive = .seconds(25)
            default: configuration.ownedPrefixes.append(IPPrefix("10.9.0.0/16")!)
            }
            #expect(hub.engine.apply([.update(configuration)], generation: 2).keypairsDropped == 0)
            #expect(hub.engine.peer(b.publicKey)?.configuration == configuration)
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
            #expect(b.receive() != nil)
        }
    }

    @Test func `WG-I-10 no timer of a removed peer is left`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [], keepalive: .seconds(25))
        try #require(a.connect())
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive() != nil)
        _ = hub.engine.apply([.remove(a.publicKey)], generation: 2)
        #expect(hub.engine.control.locked { hub.engine.control.deadlines.next } == nil)
    }

    @Test func `WG-V-3 WG-L-8 the status is consistent while peers are added and removed`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let engine = hub.engine
        let isDone = Atomic(false)
        let keys = (0..<10).map { _ in PrivateKey.generate().publicKey }
        let editor = try Linux.Thread(name: "editor") {
            for round in 0..<300 {
                let peer = PeerConfiguration(publicKey: keys[round % 10], ownedPrefixes: [IPPrefix("10.9.\(round % 10).0/24")!], allowedIPs: [])
                _ = engine.apply([round / 10 % 2 == 0 ? .add(peer, PeerMemory()) : .remove(peer.publicKey)], generation: Int64(round))
            }
            isDone.store(true, ordering: .releasing)
        }
        var generation: Int64 = 0
        while !isDone.load(ordering: .acquiring) {
            let status = engine.status()
            #expect(status.appliedGeneration >= generation)
            #expect(status.peers.count <= 10)
            #expect(status.peers.allSatisfy { $0.configuration.ownedPrefixes.count == 1 })
            generation = status.appliedGeneration
        }
        editor.join()
        #expect(engine.status().peers.isEmpty)
    }

    @Test func `WG-L-2 WG-A-5 peers that are added and removed leave nothing behind`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        for round in 0..<50 {
            hub.add(a, reaching: ["10.3.2.0/24"])
            a.forgetSession()
            try #require(a.connect())
            try #require(eventually { hub.engine.status().peers.first?.hasKeypair == true })
            #expect(hub.engine.apply([.remove(a.publicKey)], generation: Int64(round)).keypairsDropped == 1)
        }
        let control = hub.engine.control
        #expect(eventually { control.locked { control.retired.isEmpty } })
        control.locked {
            #expect(control.peers.places.used <= 4)
            #expect(control.peers.places.freeCount == control.peers.places.used)
            #expect(control.keypairPlaces.used <= 4)
            #expect(control.keypairPlaces.freeCount == control.keypairPlaces.used)
            // Only the hub's own address is routed.
            #expect(control.routing.prefixCount == 1)
        }
    }

    @Test func `WG-N-9 WG-V-5 no handshake is sent to or completed with a key of low order`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let socket = LoopbackSocket()
        var one = Bytes32(repeating: 0)
        one[0] = 1
        for bytes in [Bytes32(repeating: 0), one] {
            let peer = PeerConfiguration(publicKey: PublicKey(bytes: bytes), ownedPrefixes: [], allowedIPs: [], persistentKeepalive: .seconds(1))
            _ = hub.engine.apply([.add(peer, PeerMemory(endpoint: socket.endpoint))], generation: 1)
        }
        #expect(socket.receive() == nil)
        #expect(hub.engine.status().datagramsSent == 0)
    }
}
