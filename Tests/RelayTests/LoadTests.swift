// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing
import WireGuard

@testable import Relay

@Suite struct `Under load` {
    @Test func `WG-M-5 is a queue an eighth full and the second after, once the credit is used up`() throws {
        let queue = try HandshakeQueue()
        let message = HandshakeQueue.Message(bytes: InlineArray(repeating: 0), byteCount: 148, path: Path(), isProved: false)
        let now = Instant.now()
        queue.useUpCredit(now: now)
        for _ in 0..<511 { #expect(queue.append(message)) }
        #expect(!queue.asksForProof(now: now))
        #expect(queue.append(message))
        #expect(queue.asksForProof(now: now))
        var all = HandshakeQueue.Taken()
        #expect(!queue.take(limit: 512, into: &all))
        queue.useUpCredit(now: now + .milliseconds(999))
        #expect(queue.asksForProof(now: now + .milliseconds(999)))
        queue.useUpCredit(now: now + .milliseconds(1001))
        #expect(!queue.asksForProof(now: now + .milliseconds(1001)))
    }

    /// How many of `count` messages of strangers are let in without a cookie.
    private func letIn(_ queue: HandshakeQueue, _ count: Int, backlog: Int = 600, at now: Instant) -> Int {
        (0..<count).count { _ in !queue.load.asksForProof(backlog: backlog, now: now) }
    }

    @Test func `WG-M-5 is not 12,000 messages of strangers at once, and 500 in each second after`() throws {
        let queue = try HandshakeQueue()
        let now = Instant.now()
        #expect(letIn(queue, 13_000, at: now) == 12_000)
        #expect(letIn(queue, 4000, at: now + .seconds(1)) == 500)
        #expect(letIn(queue, 4000, at: now + .seconds(2)) == 500)
        #expect(letIn(queue, 13_000, at: now + .seconds(100)) == 12_000)
    }

    @Test func `WG-M-5 is not ten thousand devices that call at once: all of them find room, and none needs a cookie`() throws {
        let queue = try HandshakeQueue()
        let message = HandshakeQueue.Message(bytes: InlineArray(repeating: 0), byteCount: 148, path: Path(), isProved: false)
        let now = Instant.now()
        #expect((0..<10_000).count { _ in !queue.asksForProof(now: now) && queue.append(message) } == 10_000)
    }

    @Test func `WG-M-5 is not what known peers send, however many`() throws {
        let queue = try HandshakeQueue()
        let now = Instant.now()
        for _ in 0..<10_000 {
            #expect(letIn(queue, 1, at: now) == 1)
            queue.load.giveBack()
        }
        // That makes no more than a full credit.
        #expect(letIn(queue, 13_000, at: now) == 12_000)
    }

    @Test func `WG-M-5 is a backlog of two and a half seconds of work, whatever credit is left`() throws {
        let queue = try HandshakeQueue()
        let now = Instant.now()
        for _ in 0..<200 { queue.load.note(8, took: .milliseconds(8)) }
        #expect(letIn(queue, 1, backlog: 2450, at: now) == 1)
        #expect(letIn(queue, 1, backlog: 2600, at: now) == 0)
        // One change that holds the control side for long does not count for much.
        queue.load.note(8, took: .seconds(2))
        #expect(letIn(queue, 1, backlog: 2600, at: now) == 0)
        #expect(letIn(queue, 1, backlog: 2000, at: now + .seconds(2)) == 1)
    }

    /// How many messages of one kind find room.
    private func fill(_ queue: HandshakeQueue) -> Int {
        let message = HandshakeQueue.Message(bytes: InlineArray(repeating: 0), byteCount: 148, path: Path(), isProved: true)
        return (0..<20_000).count { _ in queue.append(message) }
    }

    @Test func `WG-C-7 WG-M-12 the queue holds what can be handled in three seconds, within its memory`() throws {
        for (perMessage, room) in [(Duration.milliseconds(1), 2900...3100), (.microseconds(10), 16_384...16_384), (.milliseconds(20), 1024...1024)] {
            let queue = try HandshakeQueue()
            for _ in 0..<400 { queue.load.note(8, took: perMessage * 8) }
            #expect(room.contains(fill(queue)))
        }
    }

    @Test func `WG-C-7 an empty queue gives back the memory of a flood`() {
        var queue = FIFO<Int>()
        var taken: [Int] = []
        for number in 0..<10_000 { queue.append(number) }
        queue.take(9_999, into: &taken)
        #expect(queue.first == 9_999)
        queue.take(1, into: &taken)
        #expect(taken == [9_999])
        #expect(queue.isEmpty && queue.capacity < 10_000)
    }

    @Test func `events and messages are taken in order and in pieces, with a sign if some are left`() throws {
        let queue = try HandshakeQueue()
        let message = HandshakeQueue.Message(bytes: InlineArray(repeating: 0), byteCount: 148, path: Path(), isProved: false)
        #expect(!queue.isWaiting)
        for number in 0..<5 { queue.append(peer: UInt32(number)) }
        for _ in 0..<3 { #expect(queue.append(message)) }
        var piece = HandshakeQueue.Taken()
        var taken: [UInt32] = []
        for count in [2, 1, 0] {
            #expect(queue.isWaiting)
            #expect(queue.take(limit: 2, into: &piece) == (count > 0))
            #expect(piece.messages.count == count)
            taken += piece.peers
        }
        #expect(taken == [0, 1, 2, 3, 4])
        #expect(!queue.isWaiting)
        let isWoken = queue.wake.drain()
        #expect(isWoken)
    }

    @Test func `WG-M-12 WG-C-7 the newest message is dropped when the queue is full`() throws {
        let queue = try HandshakeQueue()
        let message = HandshakeQueue.Message(bytes: InlineArray(repeating: 0), byteCount: 148, path: Path(), isProved: false)
        for _ in 0..<queue.load.queueCapacity { #expect(queue.append(message)) }
        #expect(!queue.append(message))
    }

    @Test func `WG-M-12 a full queue refuses without taking its lock, which the control side may hold`() throws {
        let queue = try HandshakeQueue()
        let message = HandshakeQueue.Message(bytes: InlineArray(repeating: 0), byteCount: 148, path: Path(), isProved: false)
        for _ in 0..<queue.load.queueCapacity { #expect(queue.append(message)) }
        // Taking the lock twice would end the process.
        #expect(queue.gate.withLock { !queue.append(message) })
    }

    @Test func `WG-M-6 WG-M-14 an initiation is answered with a cookie, and with mac2 it is admitted`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        let socket = LoopbackSocket()
        let flood = junk(type: 1, byteCount: 148, for: hub.engine.publicKey)
        hub.engine.shared.queue.useUpCredit()
        hub.engine.holdingHandshakes {
            for _ in 0..<600 { socket.send(flood, to: hub.engine.listen) }
            while socket.receive()?.bytes.count != 64 {}
            a.sendInitiation()
            while a.messagesReceived.isEmpty { _ = a.receiveMessage(timeout: .seconds(1)) }
            a.sendInitiation()
            // Junk from the same address is answered, and does not use the budget of verified messages.
            #expect(a.receiveMessage(timeout: .milliseconds(100)) == nil)
            #expect(a.messagesReceived == [.cookieReply])
        }
        #expect(a.awaitSession())
        #expect(hub.engine.dropped(.cookieSent) >= 1)
    }

    @Test func `WG-D-12 no cookie is sent while the send queue is crowded, and each is counted`() throws {
        var calls = DatagramCalls.kernel
        calls.memory = { _, memory, _ in
            memory.storeBytes(of: (0, 0, 1001, 4000), as: (UInt32, UInt32, UInt32, UInt32).self)
            return 36
        }
        let hub = try Hub(workers: 1, calls: calls)
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        let socket = LoopbackSocket()
        let flood = junk(type: 1, byteCount: 148, for: hub.engine.publicKey)
        hub.engine.shared.queue.useUpCredit()
        hub.engine.holdingHandshakes {
            // Reading the status would wait for the blocked thread.
            let counted = { reason in hub.engine.shared.counters.reduce(0) { $0 + $1.counters.drops(reason) } }
            for _ in 0..<600 { socket.send(flood, to: hub.engine.listen) }
            #expect(eventually { counted(.cookieSent) > 0 })
            a.sendInitiation()
            #expect(a.receiveMessage(timeout: .milliseconds(100)) == nil && a.messagesReceived.isEmpty)
            #expect(eventually { counted(.sendQueueFull) == counted(.cookieSent) })
        }
    }

    @Test func `WG-M-6 WG-M-15 a source that proved itself has a budget of its own`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        let socket = LoopbackSocket()
        let flood = junk(type: 1, byteCount: 148, for: hub.engine.publicKey)
        hub.engine.shared.queue.useUpCredit()
        hub.engine.holdingHandshakes {
            for _ in 0..<600 { socket.send(flood, to: hub.engine.listen) }
            while socket.receive()?.bytes.count != 64 {}
            a.sendInitiation()
            while a.messagesReceived.isEmpty { _ = a.receiveMessage(timeout: .seconds(1)) }
            for _ in 0..<20 { a.sendInitiation() }
            Linux.Thread.sleep(.milliseconds(50))
        }
        #expect(eventually { hub.engine.dropped(.rateLimited) >= 10 })
        #expect(hub.engine.dropped(.rateLimited) <= 15)
    }

    @Test func `WG-M-16 the hub as initiator retries with the cookie of a peer under load`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        a.isLoaded = true
        _ = hub.engine.apply([.add(a.configuration(reaching: [], keepalive: .seconds(25)), PeerMemory(endpoint: a.endpoint))], generation: 1)
        _ = a.awaitMessage(.initiation, count: 1)
        #expect(a.messagesReceived == [.initiation])
        #expect(a.lastInitiation[132...].allSatisfy { $0 == 0 })
        // WG-M-10: nothing follows the cookie by itself.
        #expect(a.receiveMessage(timeout: .milliseconds(100)) == nil)
        hub.engine.passTime(.seconds(6), for: a.publicKey)
        #expect(a.awaitSession())
        let checker = CookieChecker(identity: a.identity)
        #expect(
            a.lastInitiation.withUnsafeBytes {
                checker.hasValidMac2($0.baseAddress!, byteCount: 148, source: hub.engine.listen, secret: a.cookieSecret)
            })
    }

    private func forgedCookie(for index: ArraySlice<UInt8>) -> [UInt8] { [3, 0, 0, 0] + index + [UInt8](repeating: 7, count: 56) }

    @Test func `WG-M-17 cookie replies to a known index do not fill the queue`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        a.sendInitiation()
        try #require(a.awaitSession())
        let index = withUnsafeBytes(of: a.session!.remoteIndex.littleEndian) { Array($0) }
        // Reading the status would wait for the blocked thread.
        let unusable = { hub.engine.shared.counters.reduce(0) { $0 + $1.counters.drops(.cookieReplyUnusable) } }
        hub.engine.holdingHandshakes {
            let socket = LoopbackSocket()
            for _ in 0..<600 { socket.send(forgedCookie(for: index[...]), to: hub.engine.listen) }
            #expect(eventually { unusable() == 599 })
        }
        #expect(eventually { unusable() == 600 })
        // Once the session is confirmed, the peer has no reason to send one.
        a.send([])
        #expect(eventually { hub.engine.peer(a.publicKey)?.hasKeypair == true })
        hub.engine.holdingHandshakes {
            LoopbackSocket().send(forgedCookie(for: index[...]), to: hub.engine.listen)
            #expect(eventually { unusable() == 601 })
        }
    }

    @Test func `WG-M-17 a forged cookie reply does not keep out the true one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, socket) = (hub.peer("10.3.2.2"), LoopbackSocket())
        _ = hub.engine.apply([.add(a.configuration(reaching: [], keepalive: .seconds(25)), PeerMemory(endpoint: socket.endpoint))], generation: 1)
        let initiation = try #require(socket.receive()).bytes
        socket.send(forgedCookie(for: initiation[4..<8]), to: hub.engine.listen)
        try #require(eventually { hub.engine.dropped(.cookieReplyUnusable) == 1 })
        var reply = [UInt8](repeating: 0, count: 64)
        reply.withUnsafeMutableBytes { reply in
            initiation.withUnsafeBytes {
                CookieChecker(identity: a.identity).writeReply(
                    to: $0.baseAddress!, byteCount: $0.count, source: hub.engine.listen, secret: a.cookieSecret,
                    nonce: XChaCha20Poly1305.Nonce(repeating: 9), into: reply.baseAddress!)
            }
        }
        socket.send(reply, to: hub.engine.listen)
        try #require(eventually { hub.engine.status().datagramsAccepted == 1 })
        hub.engine.passTime(.seconds(6), for: a.publicKey)
        #expect(try #require(socket.receive()).bytes[132...].contains { $0 != 0 })
    }

    @Test func `WG-M-10 cookie replies from strangers do not put the hub under load`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        let socket = LoopbackSocket()
        hub.engine.holdingHandshakes {
            for number in 0..<600 { socket.send([3, 0, 0, 0, UInt8(number & 255)] + [UInt8](repeating: 7, count: 59), to: hub.engine.listen) }
            Linux.Thread.sleep(.milliseconds(50))
        }
        #expect(a.connect())
        #expect(a.messagesReceived == [.response])
        #expect(eventually { hub.engine.dropped(.cookieReplyUnusable) == 600 })
    }

    @Test func `WG-M-13 WG-V-4 a flood of initiations with a valid mac1 does not disturb established traffic`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let socket = LoopbackSocket()
        let flood = (0..<50).map { _ in junk(type: 1, byteCount: 148, for: hub.engine.publicKey) }
        hub.engine.shared.queue.useUpCredit()
        while hub.engine.dropped(.cookieSent) == 0 {
            for message in flood { socket.send(message, to: hub.engine.listen) }
        }
        var arrived = 0
        for number in 0..<200 {
            for message in flood.prefix(5) { socket.send(message, to: hub.engine.listen) }
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(number)]))
            if b.receive()?[28] == UInt8(number) { arrived += 1 }
        }
        #expect(arrived > 180)
    }

    @Test func `WG-T-7 WG-T-3 the second initiation of one slot is not answered`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        let again = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: hub.engine.listen, privateKey: a.identity.privateKey)
        let slot: UInt64 = 1_800_000_000 * 1_000_000_000
        a.sendInitiation(timestamp: slot)
        try #require(a.awaitSession())
        Linux.Thread.sleep(.milliseconds(40))
        again.sendInitiation(timestamp: slot + 16_000_000)
        #expect(again.receiveMessage(timeout: .milliseconds(200)) == nil)
        #expect(again.messagesReceived.isEmpty)
        #expect(eventually { hub.engine.status().drops == [.timestampReplay: 1] })
    }

    @Test func `WG-T-5 WG-V-1 the hub's own timestamps keep increasing when its clock goes back`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.calledPair()
        // As if the clock had been a day ahead when the last initiation was sent.
        hub.engine.control.locked {
            hub.engine.control.clock.note(Timestamp(unixNanoseconds: UInt64(UnixTime.now().seconds + 86_400) * 1_000_000_000))
        }
        #expect(hub.engine.clockLag > .seconds(86_000))
        for _ in 0..<2 {
            // Further apart than the peer's 20 milliseconds (WG-C-4).
            Linux.Thread.sleep(.milliseconds(40))
            hub.engine.letHandshakesLeave(to: b.publicKey)
            hub.engine.age(b.publicKey, by: .seconds(120))
            let before = b.session
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
            #expect(b.receive() != nil)
            #expect(b.awaitSession(other: before))
        }
        #expect(b.faults == [])
    }

    @Test func `WG-T-5 times sent to many peers at once do not run ahead of the clock`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.engine.stop() }
        let socket = LoopbackSocket()
        _ = hub.engine.apply(strangers(300, at: socket.endpoint), generation: 1)
        #expect(eventually { hub.engine.status(of: .keys([])).datagramsSent == 300 })
        #expect(hub.engine.clockLag <= .seconds(1))
    }
}
