// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing
import WireGuard

@testable import Relay

@Suite struct `Counting drops` {
    @Test func `WG-Q-2 a refused packet is counted for its reason and pair, on both devices`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        hub.add(b, reaching: [])
        try #require(a.connect() && b.connect())
        for _ in 0..<3 { a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")) }
        try #require(eventually { hub.engine.status().drops[.notInReceiversAllowedIPs] == 3 })
        let status = hub.engine.status()
        let pair = try #require(status.pairDrops.first)
        #expect(status.pairDrops.count == 1)
        #expect(pair.reason == .notInReceiversAllowedIPs)
        #expect(pair.from == a.publicKey)
        #expect(pair.to == b.publicKey)
        #expect(pair.count == 3)
        #expect(abs(pair.lastAt - UnixTime.now().seconds) <= 2)
        let answer = try #require(hub.engine.answer(control: Array("peer=\(a.publicKey.base64)\n".utf8)))
        let report = PeerReport(lines: String(decoding: answer, as: UTF8.self).split(separator: "\n"))
        #expect(report.drops == status.pairDrops)
        #expect(report.endpoint == a.endpoint)
        #expect(report.receivedBytes == status.peers[0].receivedBytes)
        #expect(status.peers.map(\.drops) == [[.notInReceiversAllowedIPs: 3], [.notInReceiversAllowedIPs: 3]])
    }

    @Test func `a new device in the slot of a removed one begins without drops`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: ["10.3.2.0/24"])
        try #require(a.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.99"))
        try #require(eventually { hub.engine.status().pairDrops.count == 1 })
        _ = hub.engine.apply([.remove(a.publicKey)], generation: 2)
        #expect(hub.engine.status().pairDrops == [])
        for number in 0..<3 { hub.add(hub.peer("10.3.2.\(10 + number)"), reaching: []) }
        #expect(hub.engine.status().pairDrops == [])
        #expect(eventually { hub.engine.status().drops == [.noRouteToPeer: 1] })
    }

    @Test func `the ledger reuses the entries of removed devices`() {
        let ledger = DropLedger(peers: 1000)
        let now = Instant(nanoseconds: 5)
        for _ in 0..<40 {
            for slot in UInt32(0)..<1000 {
                ledger.reset(slot)
                ledger.note(.noRouteToPeer, Parties(sender: slot), count: 2, now: now)
            }
        }
        #expect(ledger.unlisted == 0)
        var total: UInt64 = 0
        ledger.forEach { reason, parties, count, lastAt in
            #expect(reason == .noRouteToPeer)
            #expect(parties.sender < 1000)
            #expect(parties.receiver == Parties.nobody)
            #expect(lastAt == now)
            total += count
        }
        #expect(total == 2000)
    }

    @Test func `a full ledger counts drops that it cannot list`() {
        let ledger = DropLedger(peers: 60_000)
        for slot in UInt32(0)..<60_000 {
            ledger.note(.tooBig, Parties(sender: slot, receiver: 7), count: 1, now: Instant(nanoseconds: 1))
        }
        var listed: UInt64 = 0
        ledger.forEach { _, _, count, _ in listed += count }
        #expect(listed + ledger.unlisted == 60_000)
        #expect(listed > UInt64(DropLedger.capacity) * 9 / 10)
    }

    /// A sequence with nearly every kind of drop that a peer can cause.
    @Test func `WG-Q-4 all received and outgoing messages are accounted for, to the last one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b, silent) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"), hub.peer("10.3.2.4"))
        hub.add(a, reaching: ["10.3.2.0/24"])
        hub.add(b, reaching: ["10.3.2.2/32"])
        _ = hub.engine.apply([.add(silent.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: silent.endpoint))], generation: 2)
        try #require(a.connect() && b.connect())
        let good = a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        var forged = a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        forged[forged.count - 1] ^= 1
        for message in [good, good, forged, [1, 2, 3], [UInt8](repeating: 0, count: 148)] { a.sendRaw(message) }
        Linux.Thread.sleep(.milliseconds(40))
        a.sendRaw(a.sendInitiation())
        a.send(Packet.ipv4(from: "10.3.2.9", to: "10.3.2.3"))
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", ttl: 1))
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1"))
        a.send([UInt8](repeating: 0, count: 16))
        for _ in 0..<20 { a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.99")) }
        for _ in 0..<200 { a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.4")) }
        _ = hub.peer("10.3.2.50").connect(timeout: .milliseconds(100))
        #expect(eventually { hub.engine.status().drops[.stagedOverflow] == 72 })
        for reason in [
            .replayDuplicate, .badTag, .shortOrUnknownType, .sourceNotAllowed, .hopLimitExceeded, .hubServiceUnknown, .badInnerType,
            .unknownInitiator, .timestampReplay, .icmpSuppressed,
        ] as [DropReason] { #expect(eventually { hub.engine.status().drops[reason] != nil }, "\(reason)") }
    }
}
