// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing
import WireGuard

@testable import Relay

@Suite struct `A session` {
    private let toB = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")

    @Test func `WG-S-4 WG-S-5 that waits for its first packet is not used for sending, but the current one is`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let first = try #require(b.session)
        Linux.Thread.sleep(.milliseconds(40))
        b.sendInitiation()
        b.forgetSession()
        try #require(b.awaitSession())
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.last.index == first.localIndex)
        b.send([])
        try #require(eventually { hub.engine.peer(b.publicKey)?.receivedBytes == 2 * (148 + 32) })
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.last.index == b.session?.localIndex)
        // Late packets under the previous session are still accepted (WG-S-6).
        b.sendRaw(b.seal(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"), counter: 77, under: first))
        #expect(a.receive() != nil)
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-S-4 that waits is replaced by the next response, and its index is no longer found`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        a.sendInitiation()
        try #require(a.awaitSession())
        let lost = try #require(a.session)
        Linux.Thread.sleep(.milliseconds(40))
        a.forgetSession()
        try #require(a.connect())
        a.sendRaw(a.seal([], counter: 0, under: lost))
        #expect(eventually { hub.engine.dropped(.unknownIndex) == 1 })
    }

    @Test func `WG-S-7 that is too old is not used for sending: the packet waits for a new one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        Linux.Thread.sleep(.milliseconds(40))
        // The five seconds after the hub's response are over (WG-S-11).
        hub.engine.letHandshakesLeave(to: b.publicKey)
        hub.engine.age(b.publicKey, by: .seconds(180))
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.messagesReceived.last == .transport)
        #expect(b.messagesReceived.contains(.initiation))
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-S-7 WG-C-1 that sent all its messages is not used for sending either, and no counter wraps`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        Linux.Thread.sleep(.milliseconds(40))
        hub.engine.letHandshakesLeave(to: b.publicKey)
        hub.engine.age(b.publicKey, by: .zero, sent: Constants.rejectAfterMessages - 1)
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.last.counter == Constants.rejectAfterMessages - 1)
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.last.counter <= 1)
        #expect(b.faults == [])
    }

    @Test func `WG-S-8 that is too old or used up is refused before anything is decrypted`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, _) = try hub.pair()
        var forged = a.seal(toB, counter: Constants.rejectAfterMessages)
        forged[20] ^= 1
        a.sendRaw(forged)
        try #require(eventually { hub.engine.dropped(.counterLimit) == 1 })
        hub.engine.age(a.publicKey, by: .seconds(180))
        a.send(toB)
        #expect(eventually { hub.engine.status().drops == [.counterLimit: 1, .expiredKey: 1] })
    }

    @Test func `WG-S-9 that the hub began is renewed once, when it sends after 120 seconds`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.calledPair()
        hub.engine.letHandshakesLeave(to: b.publicKey)
        hub.engine.age(b.publicKey, by: .seconds(119))
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.messagesReceived.count { $0 == .initiation } == 1)
        hub.engine.age(b.publicKey, by: .seconds(1))
        for _ in 0..<10 { a.send(toB) }
        #expect((0..<10).map { _ in b.receive() != nil } == [Bool](repeating: true, count: 10))
        #expect(b.awaitMessage(.initiation, count: 2))
        _ = b.receive(timeout: .milliseconds(100))
        #expect(b.messagesReceived.count { $0 == .initiation } == 2)
    }

    @Test func `WG-S-9 is renewed after 2^60 messages, no matter which side began it`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        hub.engine.letHandshakesLeave(to: b.publicKey)
        hub.engine.age(b.publicKey, by: .seconds(150), sent: Constants.rekeyAfterMessages)
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(!b.messagesReceived.contains(.initiation))
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.awaitMessage(.initiation, count: 1))
    }

    @Test func `WG-S-9 that could not be renewed at once is renewed as soon as a handshake is allowed`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.calledPair()
        // Less than five seconds have passed since the hub's initiation (WG-S-11).
        hub.engine.age(b.publicKey, by: .seconds(120))
        a.send(toB)
        #expect(b.receive() != nil)
        _ = b.receive(timeout: .milliseconds(100))
        #expect(b.messagesReceived.count { $0 == .initiation } == 1)
        hub.engine.passTime(.seconds(6), for: b.publicKey)
        #expect(b.awaitMessage(.initiation, count: 2))
        _ = b.receive(timeout: .milliseconds(100))
        #expect(b.messagesReceived.count { $0 == .initiation } == 2)
    }

    @Test func `WG-S-10 that the hub began is renewed once, when it receives after 165 seconds`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (_, b) = try hub.calledPair()
        hub.engine.letHandshakesLeave(to: b.publicKey)
        hub.engine.age(b.publicKey, by: .seconds(164))
        b.send([])
        _ = b.receive(timeout: .milliseconds(100))
        #expect(b.messagesReceived.count { $0 == .initiation } == 1)
        hub.engine.age(b.publicKey, by: .seconds(1))
        let session = b.session
        for _ in 0..<5 { b.sendRaw(b.seal([], under: session)) }
        #expect(b.awaitSession(other: session))
        _ = b.receive(timeout: .milliseconds(100))
        #expect(b.messagesReceived.count { $0 == .initiation } == 2)
    }

    @Test func `WG-S-13 that the hub began is confirmed at once with a keepalive`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        _ = hub.engine.apply([.add(a.configuration(reaching: [], keepalive: .seconds(25)), PeerMemory(endpoint: a.endpoint))], generation: 1)
        #expect(a.receiveMessage(timeout: .seconds(15)) == nil)
        #expect(a.messagesReceived == [.initiation])
        #expect(a.receiveMessage(timeout: .seconds(15)) == [])
        #expect(a.session != nil)
        #expect(a.last.counter == 0)
        #expect(a.receiveMessage(timeout: .milliseconds(100)) == nil)
    }

    @Test func `WG-S-15 WG-C-8 is wiped after 540 seconds without a new one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        hub.engine.passTime(.seconds(541), for: a.publicKey)
        #expect(hub.engine.peer(a.publicKey)?.hasKeypair == false)
        #expect(hub.engine.peer(b.publicKey)?.hasKeypair == true)
        a.send(toB)
        #expect(eventually { hub.engine.dropped(.unknownIndex) == 1 })
    }

    @Test func `WG-S-1 has an index that is random and unique`() throws {
        let table = IndexTable(capacity: 4096)
        let indices = (0..<4096).map { table.insert(slot: UInt32($0), random: SecureRandom.uint32) }
        #expect(Set(indices).count == 4096)
        #expect(indices.enumerated().allSatisfy { table.slot(for: $1) == UInt32($0) })
        // Each bit is set in about half of them: six standard deviations are 192.
        for bit in 0..<32 {
            let count = indices.count { $0 >> UInt32(bit) & 1 == 1 }
            #expect(abs(count - 2048) < 192, "bit \(bit) is set in \(count) of 4096")
        }
        // Neighbouring indices are no more similar than chance allows.
        #expect(zip(indices, indices.dropFirst()).count { $0 &+ 1 == $1 } == 0)
    }

    @Test func `WG-S-2 takes its index from the handshake, and a freed index is not found`() throws {
        let table = IndexTable(capacity: 64)
        let index = table.insert(slot: 3) { 0xABCD_0001 }
        table.replace(index, slot: 9)
        #expect(table.slot(for: index) == 9)
        // An index that is in use is drawn again.
        var draws: [UInt32] = [index, 0xABCD_0002]
        #expect(table.insert(slot: 4) { draws.removeFirst() } == 0xABCD_0002)
        table.remove(index)
        #expect(table.slot(for: index) == nil)
        #expect(table.slot(for: 0xABCD_0002) == 4)
    }
}
