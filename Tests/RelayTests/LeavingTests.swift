// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import Testing
import WireGuard

@testable import Relay

extension Engine {
    /// A peer's state on the control side, and its place in the shared tables. Read it inside `control.locked`.
    fileprivate func state(_ key: PublicKey) -> (peer: Peer, cell: UnsafeMutablePointer<SharedPeer>)? {
        control.peers[key].map { ($0, shared.peers.at($0.slot)) }
    }

    /// The index of our handshake with a peer that is not answered yet.
    fileprivate func pendingIndex(_ key: PublicKey) -> UInt32? { control.locked { state(key)?.peer.handshake.pendingIndex } }

    /// The number of keypairs that are in use or in their grace period.
    fileprivate var keypairCount: Int { control.locked { control.keypairPlaces.used - control.keypairPlaces.freeCount } }

    fileprivate func isKnown(_ index: UInt32) -> Bool { shared.indices.slot(for: index) != nil }

    /// Waits until nothing of what was removed is left.
    fileprivate func awaitReclaimed() -> Bool {
        eventually {
            control.locked {
                control.reclaim()
                return control.retired.isEmpty
            }
        }
    }
}

/// Every index, key, count and packet that a peer had, when the peer goes and when another one comes.
@Suite struct `What a peer leaves behind` {
    private let hub: Hub
    private let (a, b): (TestPeer, TestPeer)
    private var engine: Engine { hub.engine }

    init() throws {
        hub = try Hub()
        (a, b) = try hub.calledPair()
    }

    private func isZero(_ key: Bytes32) -> Bool { key.indices.allSatisfy { key[$0] == 0 } }

    private func end(_ peer: TestPeer, byRemoval: Bool) -> ApplyReport {
        var configuration = peer.configuration(reaching: ["10.3.2.2/32"])
        configuration.isEnabled = false
        return engine.apply([byRemoval ? .remove(peer.publicKey) : .update(configuration)], generation: 3)
    }

    @Test(arguments: [true, false])
    func `WG-L-2 is no index and no key, when it is removed or disabled`(isRemoved: Bool) throws {
        defer { hub.stop() }
        // One session that is in use, and an initiation that B has not answered yet.
        engine.initiateOnce(to: b.publicKey)
        let pending = try #require(engine.pendingIndex(b.publicKey))
        let slots = try #require(engine.control.locked { engine.state(b.publicKey)?.peer.keypairs.all })
        let slot = try #require(slots.first)
        let keypair = engine.shared.keypairs.at(slot)
        let index = keypair.pointee.index.load(ordering: .relaxed)
        try #require(slots.count == 1)
        try #require(engine.isKnown(pending))
        try #require(engine.isKnown(index))
        try #require(!isZero(keypair.pointee.sendKey))

        #expect(end(b, byRemoval: isRemoved).keypairsDropped == 1)
        #expect(!engine.isKnown(pending))
        #expect(!engine.isKnown(index))
        #expect(engine.awaitReclaimed())
        #expect(isZero(keypair.pointee.sendKey))
        #expect(isZero(keypair.pointee.receiveKey))
        // Only A's.
        #expect(engine.keypairCount == 1)
    }

    @Test(arguments: [true, false])
    func `WG-L-2 WG-D-3 is no packet that waits, and none can wait from then on`(isRemoved: Bool) throws {
        defer { hub.stop() }
        let (silent, socket) = (hub.peer("10.3.2.5"), LoopbackSocket())
        _ = engine.apply(
            [
                .update(a.configuration(reaching: ["10.3.2.0/24"])),
                .add(silent.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: socket.endpoint)),
            ], generation: 2)
        for _ in 0..<3 { a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.5")) }
        try #require(eventually { engine.peer(silent.publicKey)?.staged == 3 })
        let cell = try #require(engine.control.locked { engine.state(silent.publicKey)?.cell })

        _ = end(silent, byRemoval: isRemoved)
        #expect(engine.status().drops == [.peerRemoved: 3])
        #expect(cell.pointee.staged.waiting == 0)
        #expect(engine.shared.stagedBytes.load(ordering: .relaxed) == 0)
        // A worker that still uses the rules of before would do this.
        let outcome = cell.pointee.staged.append([UInt8](repeating: 7, count: 64), byteCount: 64, from: .hub, total: engine.shared.stagedBytes)
        #expect(outcome == .refused)
    }

    /// With its own key or another one: either way the engine begins with what it is told.
    @Test(arguments: [true, false])
    func `WG-L-2 is nothing in the slot that the next peer gets`(isSameKey: Bool) throws {
        defer { hub.stop() }
        b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.9"))
        try #require(eventually { engine.peer(b.publicKey)?.drops.isEmpty == false })
        let before = try #require(engine.peer(b.publicKey))
        try #require(before.receivedBytes > 0)
        try #require(before.sentBytes > 0)
        let slot = engine.control.locked { engine.control.peers[b.publicKey]?.slot }

        _ = engine.apply([.remove(b.publicKey)], generation: 3)
        try #require(engine.awaitReclaimed())
        let next = isSameKey ? b : hub.peer("10.3.2.3")
        hub.add(next, reaching: ["10.3.2.2/32"])
        try #require(engine.control.locked { engine.control.peers[next.publicKey]?.slot } == slot)
        let status = try #require(engine.peer(next.publicKey))
        #expect(status.receivedBytes == 0)
        #expect(status.sentBytes == 0)
        #expect(status.endpoint == nil)
        #expect(status.lastHandshake == nil)
        #expect(status.lastReceived == nil)
        #expect(status.lastDataReceived == nil)
        #expect(status.greatestTimestamp == nil)
        #expect(status.timestampSent == nil)
        #expect(status.drops == [:])
        #expect(!status.hasKeypair)
        // And it is not called where the last one was.
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(eventually { engine.dropped(.noEndpoint) == 1 })
        #expect(engine.peer(next.publicKey)?.sentBytes == 0)
    }
}

/// Handshakes that cross, are repeated, are forged, or end while two threads work with them.
@Suite struct `A handshake` {
    private let hub: Hub
    private let (a, b): (TestPeer, TestPeer)
    private var engine: Engine { hub.engine }
    private let toB = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")

    init() throws {
        hub = try Hub()
        (a, b) = try hub.calledPair()
    }

    @Test func `WG-N-13 of the hub that crosses one of the peer leaves no index`() throws {
        defer { hub.stop() }
        engine.initiateOnce(to: b.publicKey)
        let pending = try #require(engine.pendingIndex(b.publicKey))
        // B initiates before it reads ours.
        b.sendInitiation()
        #expect(eventually { engine.pendingIndex(b.publicKey) == nil })
        #expect(!engine.isKnown(pending))
    }

    @Test func `WG-I-1 that is repeated has one index at a time, and none once it is given up`() throws {
        defer { hub.stop() }
        let (silent, socket) = (hub.peer("10.3.2.5"), LoopbackSocket())
        _ = engine.apply([.add(silent.configuration(reaching: [], keepalive: .seconds(25)), PeerMemory(endpoint: socket.endpoint))], generation: 3)
        try #require(eventually { engine.pendingIndex(silent.publicKey) != nil })
        var indices: [UInt32] = []
        for attempt in 1...20 {
            let index = try #require(engine.pendingIndex(silent.publicKey))
            #expect(indices.filter(engine.isKnown) == [])
            #expect(engine.isKnown(index))
            indices.append(index)
            engine.passTime(.seconds(6 * attempt), for: silent.publicKey)
        }
        #expect(Set(indices).count == 20)
        #expect(engine.pendingIndex(silent.publicKey) == nil)
        #expect(indices.filter(engine.isKnown) == [])
    }

    @Test func `WG-M-9 whose response is forged goes on, and takes no place`() throws {
        defer { hub.stop() }
        let session = b.session
        // B takes no second initiation within 20 milliseconds (WG-C-4).
        Linux.Thread.sleep(.milliseconds(40))
        engine.initiateOnce(to: b.publicKey)
        let pending = try #require(engine.pendingIndex(b.publicKey))
        let (before, socket) = (engine.keypairCount, LoopbackSocket())
        for _ in 0..<5 {
            var forged = junk(type: 2, byteCount: 92, for: engine.publicKey)
            withUnsafeBytes(of: pending.littleEndian) { forged.replaceSubrange(8..<12, with: $0) }
            socket.send(withMac1(forged, for: engine.publicKey), to: engine.listen)
        }
        try #require(eventually { engine.status().drops.values.reduce(0, +) == 5 })
        #expect(engine.keypairCount == before)
        #expect(engine.pendingIndex(b.publicKey) == pending)
        #expect(b.awaitSession(other: session))
        #expect(eventually { engine.pendingIndex(b.publicKey) == nil })
    }

    @Test func `WG-E-6 that is not answered lets the kernel choose the address to send from`() throws {
        defer { hub.stop() }
        let path = { engine.control.locked { engine.state(b.publicKey)?.cell.pointee.path.load() } }
        let before = try #require(path())
        try #require(before.local.address(isV4: true) == IPAddress("127.0.0.1"))
        engine.initiateOnce(to: b.publicKey)
        #expect(path()?.local == before.local)
        engine.passTime(.seconds(70), for: b.publicKey)
        #expect(path()?.remote == before.remote)
        #expect(path()?.local == UDPLocalAddress())
    }

    /// A worker confirms the session that waits while the control side replaces it.
    @Test func `WG-S-4 that replaces a session which is being confirmed leaves nothing to send with it`() throws {
        defer { hub.stop() }
        Linux.Thread.sleep(.milliseconds(40))
        let first = try #require(b.session)
        b.sendInitiation()
        #expect(b.awaitSession(other: first))
        let waiting = try #require(b.session)
        let (peer, cell) = try #require(engine.control.locked { engine.state(b.publicKey) })
        let inUse = { cell.pointee.sendKeypair.load(ordering: .acquiring) }
        let before = inUse()
        engine.holdingHandshakes {
            guard let next = peer.keypairs.next, let newer = engine.control.allocateKeypair() else {
                Issue.record("no session waits")
                return
            }
            b.send([])
            #expect(eventually { inUse() == next + 1 })
            let keypair = engine.shared.keypairs.at(newer)
            keypair.open(waiting, peer: peer.slot)
            keypair.pointee.isConfirmed.store(false, ordering: .releasing)
            engine.control.addAsNext(newer, of: peer, now: .now())
            #expect(inUse() == 0)
        }
        // The one of before is in use again.
        #expect(eventually { inUse() == before })
        a.send(toB)
        #expect(b.receive() != nil)
        #expect(b.last.index == first.localIndex)
        #expect(b.faults == [])
    }

    @Test func `WG-X-7 of each of two peers behind one address is counted for its own`() throws {
        defer { hub.stop() }
        let (socket, c, d) = (LoopbackSocket(), hub.peer("10.3.2.5"), hub.peer("10.3.2.6"))
        _ = engine.apply([c, d].map { .add($0.configuration(reaching: []), PeerMemory(endpoint: socket.endpoint)) }, generation: 3)
        // Both leave with the same flush.
        engine.control.locked {
            for peer in [c, d].compactMap({ engine.state($0.publicKey)?.peer }) { engine.control.initiate(peer, isRetry: false, now: .now()) }
            engine.control.egress.flush(now: .now())
        }
        #expect(engine.peer(c.publicKey)?.sentBytes == 148)
        #expect(engine.peer(d.publicKey)?.sentBytes == 148)
        #expect(socket.receive()?.bytes.count == 148)
        #expect(socket.receive()?.bytes.count == 148)
    }

    @Test func `WG-A-7 of changes that come together finds all of them in force at once`() throws {
        defer { hub.stop() }
        let before = engine.control.locked { engine.control.routing.snapshot.number }
        _ = engine.apply([.update(a.configuration(reaching: [])), .update(b.configuration(reaching: []))], generation: 7)
        #expect(engine.appliedGeneration == 7)
        #expect(engine.shared.snapshot.load()._withUnsafeGuaranteedRef { $0.number } == before + 1)
        a.send(toB)
        #expect(eventually { engine.dropped(.notInAllowedIPs) == 1 })
    }
}
