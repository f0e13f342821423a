// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import Testing
import WireGuard

@testable import Relay

@Suite struct `Packets that wait` {
    private func toB(_ number: Int) -> [UInt8] { Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(number)]) }

    /// A peer that is connected, and one whose endpoint is known but silent.
    private func silentPair(_ hub: Hub) throws -> (a: TestPeer, b: TestPeer, endpoint: LoopbackSocket) {
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        let endpoint = LoopbackSocket()
        hub.add(a, reaching: ["10.3.2.3/32"])
        _ = hub.engine.apply([.add(b.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: endpoint.endpoint))], generation: 2)
        try #require(a.connect())
        return (a, b, endpoint)
    }

    @Test func `WG-D-3 WG-C-7 are at most 128, the oldest are dropped first, and they are sent in order`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b, _) = try silentPair(hub)
        for number in 0..<130 { a.send(toB(number)) }
        try #require(eventually { hub.engine.peer(b.publicKey)?.staged == 128 && hub.engine.dropped(.stagedOverflow) == 2 })
        Linux.Thread.sleep(.milliseconds(40))
        try #require(b.connect())
        #expect((0..<128).map { _ in b.receive().map { Int($0[28]) } } == Array(2..<130))
        #expect(eventually { hub.engine.status().drops == [.stagedOverflow: 2] })
        #expect(hub.engine.shared.stagedBytes.load(ordering: .relaxed) == 0)
    }

    @Test func `WG-D-3 WG-H-6 WG-I-1 are purged and counted when the peer is given up, and WG-S-11 at most one handshake leaves in five seconds`()
        throws
    {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b, endpoint) = try silentPair(hub)
        for number in 0..<5 { a.send(toB(number)) }
        try #require(eventually { hub.engine.peer(b.publicKey)?.staged == 5 })
        #expect(endpoint.receive()?.bytes.count == 148)
        for attempt in 1...20 { hub.engine.passTime(.seconds(6 * attempt), for: b.publicKey) }
        // The first and nineteen more (WG-C-5).
        #expect((0..<19).map { _ in endpoint.receive()?.bytes.count } == [Int?](repeating: 148, count: 19))
        #expect(eventually { hub.engine.status().drops == [.stagedPurged: 5] })
        #expect(hub.engine.peer(b.publicKey)?.staged == 0)
        // A got no ICMP error about it.
        #expect(a.receive(timeout: .milliseconds(100)) == nil)
    }

    @Test func `WG-D-4 WG-V-19 of all peers together have a limit in bytes`() throws {
        let slab = Slab<SharedPeer>(capacity: 1)
        let total = Atomic<Int>(StagedPackets.byteLimit - 100)
        let packet = [UInt8](repeating: 7, count: 100)
        let slot = slab.at(0)
        slot.pointee.staged.open()
        #expect(slot.pointee.staged.append(packet, byteCount: 100, from: .hub, total: total) == .staged(dropped: 0))
        #expect(slot.pointee.staged.append(packet, byteCount: 1, from: .hub, total: total) == .full)
        #expect(slot.pointee.staged.purge(total: total) == 1)
        #expect(slot.pointee.staged.append(packet, byteCount: 100, from: .hub, total: total) == .staged(dropped: 0))
        slot.pointee.staged.close()
        #expect(slot.pointee.staged.purge(total: total) == 1)
        #expect(slot.pointee.staged.append(packet, byteCount: 1, from: .hub, total: total) == .refused)
        #expect(total.load(ordering: .relaxed) == StagedPackets.byteLimit - 100)
    }

    @Test func `WG-D-4 of one peer have a limit in bytes, the oldest are dropped first`() throws {
        let slab = Slab<SharedPeer>(capacity: 1)
        let total = Atomic<Int>(0)
        let slot = slab.at(0)
        slot.pointee.staged.open()
        let outcomes = (0..<10 as Range<UInt8>).map { number in
            let packet = [UInt8](repeating: number, count: 60_000)
            return slot.pointee.staged.append(packet, byteCount: packet.count, from: .hub, total: total)
        }
        #expect(outcomes == (0..<10).map { .staged(dropped: $0 < 4 ? 0 : 1) })
        // A small one fits beside four large ones, the next large one takes the place of one.
        let small = [UInt8](repeating: 99, count: 1000)
        #expect(slot.pointee.staged.append(small, byteCount: 1000, from: .hub, total: total) == .staged(dropped: 0))
        #expect(slot.pointee.staged.byteCountWaiting == 241_000 && total.load(ordering: .relaxed) == 241_000)
        var numbers: [UInt8] = []
        _ = slot.pointee.staged.take(total: total) { bytes, _, _ in numbers.append(bytes.load(as: UInt8.self)) }
        #expect(numbers == [6, 7, 8, 9, 99])
        #expect(slot.pointee.staged.byteCountWaiting == 0 && total.load(ordering: .relaxed) == 0)
    }

    @Test func `WG-D-5 make newer ones queue until a thread has sent all, and no second thread sends beside it`() throws {
        let slab = Slab<SharedPeer>(capacity: 1)
        let total = Atomic<Int>(0)
        let slot = slab.at(0)
        slot.pointee.staged.open()
        func append() { _ = slot.pointee.staged.append([UInt8](repeating: 7, count: 8), byteCount: 8, from: .hub, total: total) }
        func takeAll() -> Int { slot.pointee.staged.take(total: total) { _, _, _ in } }
        #expect(slot.pointee.staged.mustQueue == false)
        #expect(slot.pointee.staged.beginSending() == false)
        append()
        #expect(slot.pointee.staged.mustQueue == true)
        #expect(slot.pointee.staged.beginSending() == true)
        #expect(slot.pointee.staged.beginSending() == false)
        #expect(takeAll() == 1)
        // One more comes before the first has left.
        append()
        #expect(slot.pointee.staged.endSending() == false)
        #expect(slot.pointee.staged.mustQueue == true)
        #expect(takeAll() == 1)
        #expect(slot.pointee.staged.endSending() == true)
        #expect(slot.pointee.staged.mustQueue == false)
        // After a purge too, but not while a thread sends.
        append()
        #expect(slot.pointee.staged.purge(total: total) == 1)
        #expect(slot.pointee.staged.mustQueue == false)
        append()
        #expect(slot.pointee.staged.beginSending() == true)
        #expect(slot.pointee.staged.purge(total: total) == 1)
        #expect(slot.pointee.staged.mustQueue == true)
        #expect(slot.pointee.staged.endSending() == true)
        #expect(slot.pointee.staged.mustQueue == false)
        #expect(total.load(ordering: .relaxed) == 0)
    }

    @Test func `WG-D-5 are left to the thread that sends them already`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (_, b) = try hub.calledPair()
        let (control, packet) = (hub.engine.control, Packet.ipv4(from: "10.3.2.1", to: "10.3.2.3"))
        control.locked {
            guard let slot = control.peers[b.publicKey]?.slot else {
                Issue.record("B is no peer")
                return
            }
            let cell = hub.engine.shared.peers.at(slot)
            control.counters.counters.datagramsRouted.increment()
            _ = cell.pointee.staged.append(packet, byteCount: packet.count, from: .hub, total: hub.engine.shared.stagedBytes)
            // As if a worker were at it.
            #expect(cell.pointee.staged.beginSending() == true)
            #expect(control.egress.sendStaged(to: slot, mtu: 0, now: .now()) == 0)
            #expect(cell.pointee.staged.waiting == 1)
            cell.pointee.staged.pauseSending()
            #expect(control.egress.sendStaged(to: slot, mtu: 0, now: .now()) == 1)
        }
        #expect(b.receive()?.prefix(packet.count).elementsEqual(packet) == true)
    }

    @Test func `WG-D-4 at the limit of all, the largest queue gives way to a newcomer`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b, _) = try silentPair(hub)
        let (c, endpoint) = (hub.peer("10.3.2.4"), LoopbackSocket())
        _ = hub.engine.apply(
            [
                .update(a.configuration(reaching: ["10.3.2.0/24"])),
                .add(c.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: endpoint.endpoint)),
            ], generation: 3)
        for number in 0..<5 { a.send(toB(number)) }
        try #require(eventually { hub.engine.peer(b.publicKey)?.staged == 5 })
        // As if others had used up the rest.
        let rest = StagedPackets.byteLimit - hub.engine.shared.stagedBytes.load(ordering: .relaxed)
        hub.engine.shared.stagedBytes.add(rest, ordering: .relaxed)
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.4", payload: [1]))
        #expect(eventually { hub.engine.peer(c.publicKey)?.staged == 1 && hub.engine.peer(b.publicKey)?.staged == 4 })
        #expect(hub.engine.status().drops == [.stagedOverflow: 1])
        hub.engine.shared.stagedBytes.subtract(rest, ordering: .relaxed)
    }

    @Test func `WG-H-18 for a dead peer do not delay those for another`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let (a, _, _) = try silentPair(hub)
        let c = hub.peer("10.3.2.4")
        hub.add(c, reaching: ["10.3.2.2/32"])
        _ = hub.engine.apply([.update(a.configuration(reaching: ["10.3.2.0/24"]))], generation: 3)
        try #require(c.connect())
        for number in 0..<200 {
            for _ in 0..<5 { a.send(toB(number)) }
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.4", payload: [UInt8(number)]))
            #expect(c.receive()?[28] == UInt8(number))
        }
        #expect(eventually { hub.engine.status().drops == [.stagedOverflow: 1000 - 128] })
    }

    @Test func `WG-D-6 for a peer that cannot be sent to are counted as dropped, and the socket stays open`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        // Broadcast: the kernel answers EACCES.
        _ = hub.engine.apply(
            [.add(b.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: Endpoint("255.255.255.255:9")!))], generation: 2)
        try #require(a.connect())
        a.send(toB(1))
        #expect(eventually { hub.engine.dropped(.sendNotPermitted) >= 1 })
        #expect(hub.engine.peer(b.publicKey)?.sentBytes == 0)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive() != nil)
    }

    @Test func `WG-D-5 are not overtaken by those that arrive once their session is confirmed`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let (a, b, _) = try silentPair(hub)
        for number in 0..<5 { a.send(toB(number)) }
        try #require(eventually { hub.engine.peer(b.publicKey)?.staged == 5 })
        b.sendInitiation()
        try #require(b.awaitSession())
        // The worker confirms the session while the thread that would send the staged packets is blocked.
        hub.engine.holdingHandshakes {
            b.send([])
            for number in 5..<10 { a.send(toB(number)) }
            #expect((0..<10).map { _ in b.receive().map { Int($0[28]) } } == Array(0..<10))
        }
        #expect(hub.engine.status().drops == [:])
        #expect(b.faults == [])
    }

    @Test func `WG-D-5 of a flow that never pauses keep their order when their session is renewed`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.calledPair()
        var (sent, expected) = (0, 0)
        for _ in 0..<30 {
            // Longer than the 20 milliseconds between two initiations (WG-C-4).
            Linux.Thread.sleep(.milliseconds(40))
            hub.engine.letHandshakesLeave(to: b.publicKey)
            // Too old for sending: packets wait until the hub has sent an initiation, and B answers between two of them.
            hub.engine.age(b.publicKey, by: .seconds(180))
            for _ in 0..<40 {
                a.send(toB(sent & 255))
                sent += 1
                if let packet = b.receiveMessage(timeout: .zero), !packet.isEmpty {
                    #expect(packet[28] == UInt8(expected & 255))
                    expected += 1
                }
            }
            while expected < sent {
                guard let packet = b.receive(timeout: .seconds(5)) else { break }
                #expect(packet[28] == UInt8(expected & 255))
                expected += 1
            }
            try #require(expected == sent)
        }
        #expect(hub.engine.status().drops == [:])
        #expect(b.faults == [])
    }
}
