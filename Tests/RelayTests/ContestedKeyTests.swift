// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing

@testable import Relay

@Suite struct `A key that two machines use` {
    private let home = Path(remote: UDPAddress(Endpoint("192.0.2.1:1000")!))
    private let office = Path(remote: UDPAddress(Endpoint("192.0.2.2:2000")!))
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    /// Makes moves under the sessions in turn, `gap` apart. Returns how many of them indicated two machines.
    private func signs(_ sessions: [UInt32], gap: Duration) -> Int {
        let cells = Slab<MoveCell>(capacity: 1)
        return sessions.enumerated().count { number, session in
            let (from, to) = number % 2 == 0 ? (home, office) : (office, home)
            return cells.at(0).pointee.moved(under: session, from: from, to: to, now: start + gap * number)
        }
    }

    @Test func `is detected when two sessions alternate`() {
        #expect(signs([1, 2, 1, 2, 1], gap: .seconds(12)) == 1)
        #expect(signs([1, 2, 1, 2, 1, 2, 1], gap: .seconds(25)) == 3)
        // With a new handshake of one of them in the meantime.
        #expect(signs([1, 2, 1, 2, 3, 2, 3, 2], gap: .seconds(20)) == 3)
    }

    @Test func `is not reported for a machine that roams`() {
        #expect(signs(Array(repeating: 1, count: 50), gap: .seconds(3)) == 0)
        // Each move with a new session.
        #expect(signs(Array(1...50), gap: .seconds(3)) == 0)
        // Packets that were in flight during a rekey.
        #expect(signs((0..<60).map { UInt32($0 % 2) + 1 }, gap: .milliseconds(30)) == 0)
        // Alternations that are unrelated.
        #expect(signs([1, 2, 1, 2, 1, 2, 1], gap: .seconds(181)) == 0)
    }

    /// Lets two machines with one key send in turn until the hub notices, up to half a minute.
    private func contest(_ a: TestPeer, _ b: TestPeer, on hub: Hub) {
        let deadline = Instant.now() + .seconds(30)
        while hub.engine.status().contestedKeys.isEmpty, Instant.now() < deadline {
            for peer in [a, b] {
                peer.send([])
                Linux.Thread.sleep(.milliseconds(200))
            }
        }
    }

    @Test func `is reported with both addresses`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let key = PrivateKey.generate()
        let a = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: hub.engine.listen, privateKey: key)
        let twin = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: hub.engine.listen, privateKey: key)
        hub.add(a, reaching: [])
        try #require(a.connect())
        Linux.Thread.sleep(.milliseconds(40))
        try #require(twin.connect())
        contest(a, twin, on: hub)
        let contested = try #require(hub.engine.status().contestedKeys.first)
        #expect(contested.publicKey == a.publicKey)
        #expect(Set(contested.endpoints) == [a.endpoint, twin.endpoint])
        let answer = try #require(hub.engine.answer(control: Array("peer=\(a.publicKey.base64)\n".utf8)))
        let report = PeerReport(lines: String(decoding: answer, as: UTF8.self).split(separator: "\n"))
        #expect(Set(report.contested) == [a.endpoint, twin.endpoint])
        _ = hub.engine.apply([.remove(a.publicKey)], generation: 2)
        hub.add(a, reaching: [])
        #expect(hub.engine.status().contestedKeys == [])
    }

    @Test func `WG-E-12 is kept to the first network if that was chosen, until the first is silent for long`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let key = PrivateKey.generate()
        let a = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: hub.engine.listen, privateKey: key)
        let twin = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: hub.engine.listen, privateKey: key, bind: "127.0.0.2")
        var configuration = a.configuration(reaching: [])
        configuration.keepsFirstNetwork = true
        _ = hub.engine.apply([.add(configuration, PeerMemory())], generation: 1)
        try #require(a.connect())
        Linux.Thread.sleep(.milliseconds(40))
        try #require(twin.connect())
        contest(a, twin, on: hub)
        try #require(!hub.engine.status().contestedKeys.isEmpty)
        // The hub begins a new session with the first machine, and both old ones are over.
        try #require(
            eventually {
                _ = a.receiveMessage(timeout: .milliseconds(20))
                return hub.engine.peer(key.publicKey).map { $0.hasKeypair && $0.endpoint == a.endpoint } ?? false
            })
        a.send([])
        twin.send([])
        twin.forgetSession()
        #expect(!twin.connect(timeout: .seconds(1)))
        #expect(hub.engine.dropped(.copiedKey) > 0)
        #expect(hub.engine.peer(key.publicKey)?.endpoint == a.endpoint)
        // Without its private key nobody can prolong that, or even be refused for it.
        let refused = hub.engine.dropped(.copiedKey)
        var forged = twin.sendInitiation()
        #expect(eventually { hub.engine.dropped(.copiedKey) == refused + 1 })
        forged[100] ^= 1
        twin.sendRaw(withMac1(forged, for: hub.engine.publicKey))
        #expect(eventually { hub.engine.dropped(.badHandshakeTag) == 1 })
        #expect(hub.engine.dropped(.copiedKey) == refused + 1)
        // The first machine is off.
        hub.engine.control.locked {
            guard let slot = hub.engine.control.peers[key.publicKey]?.slot else { return }
            let silent = Instant.now() - FirstNetwork.span
            hub.engine.shared.peers.at(slot).pointee.activity.lastReceived.store(silent.nanoseconds, ordering: .relaxed)
        }
        #expect(twin.connect())
        #expect(eventually { hub.engine.peer(key.publicKey)?.endpoint == twin.endpoint })
    }

    @Test func `is not reported for a machine that moves between rekeys`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        for _ in 0..<8 {
            Linux.Thread.sleep(.milliseconds(40))
            a.forgetSession()
            try #require(a.connect())
            for _ in 0..<4 {
                a.move()
                let isSeen = eventually {
                    a.send([])
                    return hub.engine.peer(a.publicKey)?.endpoint == a.endpoint
                }
                try #require(isSeen)
            }
        }
        #expect(hub.engine.status().contestedKeys == [])
    }
}

@Suite struct `The first network of a peer` {
    private let home = UDPAddress(Endpoint("192.0.2.1:1000")!)
    private let office = UDPAddress(Endpoint("198.51.100.2:2000")!)
    private let hotel = UDPAddress(Endpoint("203.0.113.3:3000")!)
    private let start = Instant(nanoseconds: 1_000_000_000_000)
    private func after(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    @Test func `WG-E-12 is the one before the first handshake from elsewhere`() {
        var network = FirstNetwork()
        #expect(network.keep(now: start) == nil)
        network.note(from: home, to: office, now: start)
        network.note(from: office, to: home, now: after(100))
        network.note(from: home, to: office, now: after(200))
        #expect(network.keep(now: after(210)) == home)
        #expect(network.refuses(office, current: home, lastHeard: after(210), now: after(220)))
        #expect(!network.refuses(home, current: home, lastHeard: after(210), now: after(220)))
    }

    @Test func `is not kept for a machine that only roams, and another one after a while`() {
        var network = FirstNetwork()
        network.note(from: home, to: office, now: start)
        #expect(!network.refuses(hotel, current: office, lastHeard: start, now: start))
        #expect(network.keep(now: after(180)) == nil)
        network.note(from: office, to: hotel, now: after(200))
        #expect(network.keep(now: after(201)) == office)
    }

    @Test func `counts no other port, and in IPv6 no other host of a /64`() {
        var network = FirstNetwork()
        network.note(from: home, to: UDPAddress(Endpoint("192.0.2.1:9")!), now: start)
        #expect(network.keep(now: start) == nil)
        let (a, b, c) = ("[2001:db8::1]:1", "[2001:db8::2]:2", "[2001:db8:0:1::1]:1")
        #expect(FirstNetwork.isSame(UDPAddress(Endpoint(a)!), UDPAddress(Endpoint(b)!)))
        #expect(!FirstNetwork.isSame(UDPAddress(Endpoint(a)!), UDPAddress(Endpoint(c)!)))
        #expect(!FirstNetwork.isSame(home, UDPAddress(Endpoint(a)!)))
    }

    @Test func `lets the others in when the first is silent, or has moved itself`() {
        var network = FirstNetwork()
        network.note(from: home, to: office, now: start)
        _ = network.keep(now: start)
        #expect(network.refuses(office, current: home, lastHeard: start, now: after(179)))
        #expect(!network.refuses(office, current: home, lastHeard: start, now: after(180)))
        #expect(!network.refuses(hotel, current: hotel, lastHeard: after(100), now: after(101)))
        network.note(from: home, to: office, now: after(180))
        #expect(!network.refuses(office, current: home, lastHeard: after(180), now: after(181)))
    }
}
