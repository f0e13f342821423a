// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Relay

@Suite struct `A search for the largest packet` {
    /// Runs a search over a path that drops everything above `limit`, padded as WireGuard pads it. `losses` echoes are lost by chance.
    private func run(whole: Int, limit: Int, losses: Int = 0) -> (search: SizeSearch, sent: Int, duration: Duration) {
        let start = Instant(nanoseconds: 1_000_000_000)
        var (now, answered, sent, lost) = (start, UInt64(0), 0, 0)
        var search = SizeSearch(whole: whole, roundTrip: .milliseconds(10), now: now)
        while !search.isOver {
            for echo in search.proceed(answered: answered, now: now) {
                sent += 1
                guard min((echo.byteCount + 15) & ~15, whole) <= limit else { continue }
                if lost < losses { lost += 1 } else { answered |= 1 << UInt64(echo.number) }
            }
            now = now + .milliseconds(5)
        }
        return (search, sent, now - start)
    }

    @Test func `sends one packet where all sizes pass`() {
        let (search, sent, _) = run(whole: 1420, limit: 1500)
        #expect(search.isWhole)
        #expect(sent == 1)
    }

    @Test(arguments: [(1419, 1408), (1400, 1392), (1216, 1216), (1215, 1200), (640, 640), (590, 576), (576, 576)])
    func `finds the largest multiple of sixteen`(limit: Int, largest: Int) {
        let (search, sent, duration) = run(whole: 1420, limit: limit)
        #expect(!search.isWhole)
        #expect(search.largest == largest)
        #expect(sent <= 40)
        #expect(duration < .seconds(1))
    }

    @Test func `says so where not even the least size passes`() { #expect(run(whole: 1420, limit: 500).search.largest == nil) }

    @Test func `asks again before it takes a lost packet for a limit`() { #expect(run(whole: 1420, limit: 1500, losses: 1).search.isWhole) }
}

@Suite struct `Handshakes that lead to nothing` {
    @Test func `are counted on both sides until a session is confirmed`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        for peer in [a, b] { hub.add(peer, reaching: []) }
        // An initiation proves no session: its sender may be unable to read the answer.
        a.sendInitiation()
        try #require(eventually { hub.engine.peer(a.publicKey)?.answered == 1 })
        let status = try #require(hub.engine.peer(a.publicKey))
        #expect(status.lastReceived == nil)
        #expect(status.lastHandshake == nil)
        #expect(status.answeredAt != nil)
        #expect(status.endpoint != nil)
        try #require(b.connect())
        try #require(eventually { hub.engine.peer(b.publicKey)?.lastReceived != nil })
        #expect(eventually { hub.engine.peer(b.publicKey)?.answered == 0 })
        // A call that is not answered.
        hub.engine.letHandshakesLeave(to: b.publicKey)
        hub.engine.initiateOnce(to: b.publicKey)
        #expect(hub.engine.peer(b.publicKey)?.called == 1)
    }

    @Test func `of the hub count from the last packet that it heard`() {
        var attempts = HandshakeAttempts()
        let at = { (seconds: UInt64) in Instant(nanoseconds: seconds * 1_000_000_000) }
        attempts.called(heard: at(0), now: at(10))
        attempts.called(heard: at(0), now: at(15))
        #expect(attempts.called == 2)
        #expect(attempts.calledSince == at(10))
        #expect(attempts.calledAt == at(15))
        attempts.called(heard: at(20), now: at(30))
        #expect(attempts.called == 1)
        #expect(attempts.calledSince == at(30))
    }

    @Test func `of strangers are remembered with their source`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, stranger) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: [])
        stranger.sendInitiation()
        try #require(eventually { hub.engine.status().strangers.count == 1 })
        var other = a.sendInitiation()
        other[120] ^= 1
        a.sendRaw(other)
        try #require(eventually { hub.engine.status().strangers.count == 2 })
        let status = hub.engine.status(of: .keys([a.publicKey]))
        #expect(status.strangers.contains { $0.reason == .unknownInitiator && $0.source == stranger.endpoint })
        #expect(status.strangers.contains { $0.reason == .badMac1 && $0.source == a.endpoint })
        #expect(status.lastDatagram != nil)
        // Commands get the same over the control socket.
        let answer = try #require(hub.engine.answer(control: Array("peer=\(a.publicKey.base64)\n".utf8)))
        let report = PeerReport(lines: String(decoding: answer, as: UTF8.self).split(separator: "\n"))
        #expect(Set(report.strangers.map(\.description)) == Set(status.strangers.map(\.description)))
        #expect(report.lastDatagram == status.lastDatagram)
        #expect(report.listen == status.listen)
    }
}
