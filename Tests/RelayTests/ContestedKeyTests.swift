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
        let deadline = Instant.now() + .seconds(30)
        while hub.engine.status().contestedKeys.isEmpty, Instant.now() < deadline {
            for peer in [a, twin] {
                peer.send([])
                Linux.Thread.sleep(.milliseconds(200))
            }
        }
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
