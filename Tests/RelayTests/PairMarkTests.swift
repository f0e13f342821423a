// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing

@testable import Relay

@Suite struct `Pairs that speak` {
    @Test func `are reported once, whichever of the two sends, and again after the next packet`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b, c) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"), hub.peer("10.3.2.4"))
        hub.add(a, reaching: ["10.3.2.0/24"])
        hub.add(b, reaching: ["10.3.2.0/24"])
        hub.add(c, reaching: [])
        try #require(a.connect() && b.connect() && c.connect())
        #expect(hub.engine.takePairs() == [])
        for _ in 0..<3 {
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
            try #require(b.receive() != nil)
            b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
            try #require(a.receive() != nil)
        }
        // Refused, and for the hub: no pair.
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.4"))
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        try #require(eventually { hub.engine.status().drops[.notInReceiversAllowedIPs] == 1 })
        let pair = PeerPair(first: a.publicKey, second: b.publicKey)
        #expect(Set(hub.engine.takePairs()) == [pair])
        #expect(hub.engine.takePairs() == [])
        // A pair that is taken while the worker is in the middle of a batch is reported again only with the next batch.
        #expect(
            eventually {
                b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
                return a.receive() != nil && hub.engine.takePairs() == [pair]
            })
    }

    @Test func `are not taken for the next peer in the slot of a removed one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.0/24"])
        hub.add(b, reaching: ["10.3.2.0/24"])
        try #require(a.connect() && b.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        try #require(b.receive() != nil)
        let slot = { (peer: TestPeer) in hub.engine.control.locked { hub.engine.control.peers[peer.publicKey]?.slot } }
        let before = slot(b)
        _ = hub.engine.apply([.remove(b.publicKey)], generation: 2)
        try #require(eventually { hub.engine.control.locked { hub.engine.control.peers.places.freeCount } == 1 })
        let next = hub.peer("10.3.2.5")
        hub.add(next, reaching: ["10.3.2.0/24"])
        try #require(slot(next) == before)
        #expect(hub.engine.takePairs() == [])
    }

    @Test func `are reported for a packet that waited for a session`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.0/24"])
        hub.add(b, reaching: ["10.3.2.0/24"])
        try #require(a.connect())
        // The hub may not send until the device has confirmed the session.
        b.sendInitiation()
        try #require(b.awaitSession())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        try #require(eventually { hub.engine.status().peers.contains { $0.staged == 1 } })
        #expect(hub.engine.takePairs() == [])
        b.send([])
        try #require(b.receive() != nil)
        #expect(eventually { hub.engine.takePairs() == [PeerPair(first: a.publicKey, second: b.publicKey)] })
    }

    @Test func `of other devices are not lost when a slot is used again`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b, c) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"), hub.peer("10.3.2.4"))
        for peer in [a, b, c] { hub.add(peer, reaching: ["10.3.2.0/24"]) }
        try #require(a.connect() && b.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        try #require(b.receive() != nil)
        _ = hub.engine.apply([.remove(c.publicKey)], generation: 2)
        try #require(eventually { hub.engine.control.locked { hub.engine.control.peers.places.freeCount } == 1 })
        hub.add(hub.peer("10.3.2.5"), reaching: [])
        #expect(hub.engine.takePairs() == [PeerPair(first: a.publicKey, second: b.publicKey)])
    }

    @Test func `that find no free cell are marked later`() {
        let marks = PairMarks()
        let pairs = Set((UInt32(1)...40_000).map { PairMarks.pair($0 + 1, $0) })
        var found: Set<UInt64> = []
        for round in 1...8 {
            for pair in pairs.sorted() where !found.contains(pair) { marks.mark(pair) }
            marks.empty(0..<PairMarks.capacity) { a, b in
                #expect(a < b)
                found.insert(PairMarks.pair(a, b))
            }
            if round == 1 { #expect(found.count > PairMarks.capacity * 3 / 4 && found.count < pairs.count) }
        }
        #expect(found == pairs)
    }
}
