// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import Testing
import WireGuard

@testable import Relay

/// What differs if the worker runs the control side. `make test` also runs all other tests of the engine in this way.
@Suite struct `On one core` {
    private let hub: Hub

    init() throws { hub = try Hub(workers: 1) { $0.sharesCore = true } }

    @Test func `devices connect, the hub connects to them, and they reach each other`() throws {
        defer { hub.stop() }
        let (a, b) = try hub.calledPair()
        b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
        #expect(a.receive() != nil)
        #expect(a.faults == [])
        #expect(b.faults == [])
    }

    @Test func `timers run while no packet arrives`() throws {
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [], keepalive: .seconds(1))
        try #require(a.connect())
        let before = hub.engine.peer(a.publicKey)?.sentBytes ?? 0
        #expect(eventually { hub.engine.peer(a.publicKey)!.sentBytes >= before + 64 })
    }

    @Test func `packets pass while the control side is locked, and handshakes afterwards`() throws {
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let c = hub.peer("10.3.2.4")
        hub.add(c, reaching: [])
        hub.engine.holdingHandshakes {
            c.sendInitiation()
            for number in 0..<20 {
                a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(number)]))
                #expect(b.receive()?[28] == UInt8(number))
            }
            #expect(c.messagesReceived.isEmpty)
        }
        #expect(c.awaitSession())
    }

    @Test func `packets pass while two thousand initiations are due at once`() throws {
        defer { hub.engine.stop() }
        let (a, b) = try hub.pair()
        let silent = LoopbackSocket()
        let sent = hub.engine.status(of: .keys([])).datagramsSent
        _ = hub.engine.apply(strangers(2_000, at: silent.endpoint), generation: 2)
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(b.receive() != nil)
        #expect(hub.engine.status(of: .keys([])).datagramsSent < sent + 2_000)
        #expect(eventually { hub.engine.status(of: .keys([])).datagramsSent >= sent + 2_001 })
    }

    @Test func `a status is read and a handshake completed while packets keep the worker busy`() throws {
        defer { hub.engine.stop() }
        let (a, b) = try hub.pair()
        let c = hub.peer("10.3.2.4")
        hub.add(c, reaching: [])
        let isOver = SharedFlag()
        nonisolated(unsafe) let sender = a
        let flood = try Linux.Thread(name: "flood") {
            let packet = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")
            while !isOver.value.load(ordering: .acquiring) { sender.send(packet) }
        }
        #expect(b.receive() != nil)
        let isConnected = eventually { c.connect() }
        let (begin, status) = (Instant.now(), hub.engine.status())
        #expect(Instant.now() - begin < .seconds(2))
        isOver.value.store(true, ordering: .releasing)
        flood.join()
        #expect(isConnected)
        #expect(status.peers.count == 3)
    }

    @Test func `devices can reach any of several workers`() throws {
        self.hub.stop()
        let hub = try Hub(workers: 2) { $0.sharesCore = true }
        defer { hub.stop() }
        for number in 2..<10 {
            let device = hub.peer("10.3.2.\(number)")
            hub.add(device, reaching: [])
            #expect(device.connect())
        }
    }
}

/// The rules alone: a control side without any thread.
@Suite struct `A share of a core` {
    private let control: Control
    private var core: CoreShare

    init() throws {
        let configuration = EngineConfiguration(privateKey: .generate(), listen: Endpoint("127.0.0.1:0")!, workers: 1)
        let sockets = try SocketGroup(listen: configuration.listen, workers: 1, merging: false, calls: configuration.calls)
        let first = Snapshot(table: ForwardingTable().decisions, mtus: [], hubAddresses: [])
        control = Control(shared: try SharedState(configuration: configuration, sockets: sockets, first: first), first: first, segmenting: false)
        core = CoreShare(control)
        _ = control.apply((0..<2).map { .add(Self.peer($0), PeerMemory()) }, hubAddresses: nil, generation: 1)
        repeat { core.run(packetsWait: false) } while core.patience != nil
    }

    private static func peer(_ number: Int, keepalive: Duration = .zero) -> PeerConfiguration {
        PeerConfiguration(
            publicKey: PrivateKey.generate().publicKey, ownedPrefixes: [IPPrefix("10.3.2.\(number)/32")!], allowedIPs: [],
            persistentKeepalive: keepalive)
    }

    @Test mutating func `is woken once by the lock holder after it was refused`() throws {
        let (isInside, mayLeave) = (SharedFlag(), SharedFlag())
        let control = control
        let other = try Linux.Thread(name: "inside") {
            control.locked {
                isInside.value.store(true, ordering: .releasing)
                while !mayLeave.value.load(ordering: .acquiring) { Linux.Thread.yield() }
            }
        }
        while !isInside.value.load(ordering: .acquiring) { Linux.Thread.yield() }
        control.shared.queue.append(peer: 1)
        core.noteCall()
        core.run(packetsWait: false)
        // Its message waits, and the lock holder has the core.
        #expect(core.patience! > .milliseconds(5))
        core.run(packetsWait: false)
        #expect(core.patience! > .zero)
        var wasCalled = control.shared.queue.wake.drain()
        #expect(!wasCalled)
        mayLeave.value.store(true, ordering: .releasing)
        other.join()
        wasCalled = control.shared.queue.wake.drain()
        #expect(wasCalled)
        core.noteCall()
        core.run(packetsWait: false)
        #expect(core.patience == nil)
        #expect(!control.shared.queue.isWaiting)
        control.locked {}
        wasCalled = control.shared.queue.wake.drain()
        #expect(!wasCalled)
    }

    /// The worker may wake without a packet: for a damaged one, or for a signal.
    @Test mutating func `waits for the next deadline, counted from its last check`() {
        let memory = PeerMemory(endpoint: Endpoint("127.0.0.1:9")!)
        _ = control.apply([.add(Self.peer(9, keepalive: .seconds(25)), memory)], hubAddresses: nil, generation: 2)
        core.noteCall()
        repeat { core.run(packetsWait: false) } while core.patience! < .seconds(1)
        let before = core.patience!
        Linux.Thread.sleep(.milliseconds(30))
        core.run(packetsWait: false)
        #expect(core.patience! <= before - .milliseconds(30))
    }

    @Test mutating func `frees retired items in pieces`() {
        let peers = (10..<210).map { Self.peer($0) }
        _ = control.apply(peers.map { .add($0, PeerMemory()) }, hubAddresses: nil, generation: 2)
        _ = control.apply(peers.map { .remove($0.publicKey) }, hubAddresses: nil, generation: 3)
        core.noteCall()
        var free: [Int] = []
        repeat {
            core.run(packetsWait: false)
            free.append(control.peers.places.freeCount)
        } while core.patience != nil && free.count < 20
        #expect(free[0] <= 64)
        #expect(free.count >= 4)
        #expect(free.last == 200)
    }

    @Test mutating func `gives waiting packets as much time as the previous turn took`() {
        // This thread may lose its core between the two, so the test tries more than once.
        let isLeft = (20..<40).contains { number in
            _ = control.apply([.add(Self.peer(number), PeerMemory())], hubAddresses: nil, generation: 2)
            core.noteCall()
            // Prepares the peer: a multiplication on the curve.
            repeat { core.run(packetsWait: false) } while core.patience != nil
            control.shared.queue.append(peer: 1)
            core.run(packetsWait: true)
            return control.shared.queue.isWaiting
        }
        #expect(isLeft)
        let deadline = Instant.now() + .seconds(5)
        while control.shared.queue.isWaiting, Instant.now() < deadline { core.run(packetsWait: true) }
        #expect(!control.shared.queue.isWaiting)
    }
}

private final class SharedFlag: Sendable {
    let value = Atomic(false)
}
