// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Linux
import Loopback
import Net
import Synchronization
import Testing

@testable import Relay

/// Peers at addresses where nobody is: what the kernel keeps for them must not crowd out others.
@Suite struct `Packets to nobody` {
    private let toA = Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2")
    private let toB = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")

    /// A hub whose send queue is, by what the kernel says, half full, or a little more.
    private func crowded(_ used: UInt32) throws -> Hub {
        var calls = DatagramCalls.kernel
        // C functions hold no values.
        if used > 2000 {
            calls.memory = { _, memory, _ in
                memory.storeBytes(of: (0, 0, 2001, 4000), as: (UInt32, UInt32, UInt32, UInt32).self)
                return 36
            }
        } else {
            calls.memory = { _, memory, _ in
                memory.storeBytes(of: (0, 0, 2000, 4000), as: (UInt32, UInt32, UInt32, UInt32).self)
                return 36
            }
        }
        return try Hub(workers: 1, listen: "0.0.0.0:0", calls: calls)
    }

    private func pair(_ hub: Hub) throws -> (TestPeer, TestPeer) {
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        hub.add(b, reaching: ["10.3.2.2/32"])
        for peer in [a, b] { peer.move(to: "127.0.0.1", hub: hub.listen(at: "127.0.0.1")) }
        try #require(a.connect() && b.connect())
        return (a, b)
    }

    private func activity<R>(_ peer: TestPeer, _ hub: Hub, _ body: (borrowing ActivityCell) -> R) throws -> R {
        let slot = try #require(hub.engine.control.locked { hub.engine.control.peers[peer.publicKey]?.slot })
        return body(hub.engine.shared.peers.at(slot).pointee.activity)
    }

    /// A new port is no new neighbour.
    @Test(arguments: [("127.0.0.2", 2001, false), ("127.0.0.2", 2000, true), ("127.0.0.1", 2001, true)] as [(String, UInt32, Bool)])
    func `WG-D-14 nothing is sent to a peer that moved a moment ago while half of the send queue is in use`(
        address: String, used: UInt32, arrives: Bool
    ) throws {
        let hub = try crowded(used)
        defer { hub.stop() }
        let (a, b) = try pair(hub)
        b.send(toA)
        #expect(a.receive() != nil)
        a.move(to: address)
        a.send(toB)
        #expect(b.receive() != nil)
        b.send(toA)
        #expect((a.receive(timeout: .milliseconds(arrives ? 2000 : 200)) != nil) == arrives)
        #expect(eventually { hub.engine.dropped(.sendQueueFull) == (arrives ? 0 : 1) })
        // It is not silenced, and later all is as before.
        a.send(toB)
        #expect(b.receive() != nil)
        try activity(a, hub) { $0.moved(now: Instant.now().nanoseconds - UInt64(ActivityCell.neighbourPatience)) }
        b.send(toA)
        #expect(a.receive() != nil)
    }

    @Test func `WG-D-14 a handshake from another address counts as a move, and is answered`() throws {
        let hub = try crowded(2001)
        defer { hub.stop() }
        let (a, b) = try pair(hub)
        a.forgetSession()
        a.move(to: "127.0.0.2")
        Linux.Thread.sleep(.milliseconds(40))
        try #require(a.connect())
        b.send(toA)
        #expect(a.receive(timeout: .milliseconds(200)) == nil)
        #expect(eventually { hub.engine.dropped(.sendQueueFull) == 1 })
    }

    @Test(arguments: [(2001, false), (2000, true)] as [(UInt32, Bool)])
    func `WG-D-14 nothing is sent to a peer that has been silent for too long while half of the send queue is in use`(
        used: UInt32, arrives: Bool
    ) throws {
        let hub = try crowded(used)
        defer { hub.stop() }
        let (a, b) = try pair(hub)
        b.send(toA)
        #expect(a.receive() != nil)
        let now = Instant.now().nanoseconds
        try activity(a, hub) { $0.unacknowledgedSend.store(now - 14_000_000_000, ordering: .relaxed) }
        b.send(toA)
        #expect(a.receive() != nil)
        try activity(a, hub) { $0.unacknowledgedSend.store(now - 15_100_000_000, ordering: .relaxed) }
        b.send(toA)
        #expect((a.receive(timeout: .milliseconds(arrives ? 2000 : 200)) != nil) == arrives)
        #expect(eventually { hub.engine.dropped(.sendQueueFull) == (arrives ? 0 : 1) })
        // It is heard again.
        a.send(toB)
        #expect(b.receive() != nil)
        b.send(toA)
        #expect(a.receive() != nil)
    }

    @Test func `are never doubtful by a clock that another thread has read later`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, _) = try hub.pair()
        let now = Instant.now().nanoseconds
        let isDoubtful = try activity(a, hub) { cell in
            cell.unacknowledgedSend.store(now + 1_000_000, ordering: .relaxed)
            let before = cell.isDoubtful(now: now)
            cell.moved(now: now + 1_000_000)
            return [before, cell.isDoubtful(now: now)]
        }
        #expect(isDoubtful == [false, true])
    }
}

/// The same with a real neighbour that does not answer, for which the kernel keeps as much as the hub sends.
@Suite(.enabled(if: NetworkNamespace.canBeMade, "needs root to make network namespaces"))
struct `A neighbour that does not answer` {
    @Test func `WG-D-14 neighbours that do not answer take no packets from others`() throws {
        try NetworkNamespace.inNew { outside in
            try ip("link set lo up")
            let inside = try NetworkNamespace.enterNew()
            try ip("link set lo up")
            try ip("link add up0 type veth peer name out0 netns \(outside.path)")
            try ip("address add 203.0.113.1/24 dev up0")
            try ip("link set up0 up")
            try "100000000".write(toFile: "/proc/sys/net/ipv4/neigh/up0/unres_qlen_bytes", atomically: false, encoding: .utf8)
            let hub = try Hub(workers: 1, listen: "0.0.0.0:0")
            defer { hub.stop() }
            try outside.enter()
            for host in [9, 50] { try ip("address add 203.0.113.\(host)/24 dev out0") }
            try ip("link set out0 up")
            let names = ["10.3.2.2", "10.3.2.3", "10.3.2.4"]
            let peers = names.map { TestPeer($0, hub: hub.engine.publicKey, at: hub.listen(at: "203.0.113.1"), bind: "203.0.113.9") }
            for (peer, name) in zip(peers, names) { hub.add(peer, reaching: names.filter { $0 != name }.map { "\($0)/32" }) }
            for peer in peers { try #require(peer.connect()) }
            let (sender, other, gone) = (peers[0], peers[1], peers[2])
            // It says where it is, and then nobody is there.
            gone.move(to: "203.0.113.50")
            gone.send([])
            try #require(eventually { hub.engine.peer(gone.publicKey)?.endpoint?.address == IPAddress("203.0.113.50") })
            try ip("address delete 203.0.113.50/24 dev out0")
            try inside.enter()

            let flood = Packet.ipv4(from: names[0], to: names[2], payload: [UInt8](repeating: 7, count: 1380))
            let end = Instant.now() + .seconds(2.5)
            while hub.engine.dropped(.sendQueueFull) == 0, Instant.now() < end { for _ in 0..<100 { sender.send(flood) } }
            // On a machine with too much else to do, the kernel gives up the neighbour before the queue is half full.
            guard hub.engine.dropped(.sendQueueFull) > 0 else { return }
            var arrived = 0
            for _ in 0..<20 {
                sender.send(Packet.ipv4(from: names[0], to: names[1]))
                arrived += other.receive(timeout: .milliseconds(100)) == nil ? 0 : 1
            }
            #expect(arrived == 20)
        }
    }
}
