// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Testing

@testable import Relay

/// Packets of A wait for B, and the rules that let them pass change before B has a session. B then pings the hub: the answer queues behind
/// the packets that wait (WG-D-5), so whatever is sent of them comes before it.
@Suite struct `Packets that wait while the rules change` {
    private let hub: Hub
    private let (a, b): (TestPeer, TestPeer)
    /// Where the hub calls B.
    private let endpoint = LoopbackSocket()

    init() throws {
        hub = try Hub()
        (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        _ = hub.engine.apply([.add(b.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: endpoint.endpoint))], generation: 2)
        try #require(a.connect())
        for number in 0..<3 as Range<UInt8> { a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [number])) }
        try #require(eventually { hub.engine.peer(b.publicKey)?.staged == 3 })
    }

    private func apply(_ changes: PeerChange...) { _ = hub.engine.apply(changes, generation: 3) }

    /// The packets that B gets before the answer to its ping.
    private func received(pingingFrom address: String = "10.3.2.3") throws -> [[UInt8]] {
        // Two initiations of one slot would be one too many.
        Linux.Thread.sleep(.milliseconds(40))
        try #require(b.connect())
        b.send(Packet.echo(from: address, to: "10.3.2.1"))
        var packets: [[UInt8]] = []
        while let packet = b.receive(), packet[12..<16] != [10, 3, 2, 1] { packets.append(packet) }
        return packets
    }

    @Test func `WG-D-11 are sent if the new rules let them pass too`() throws {
        defer { hub.stop() }
        apply(.update(a.configuration(reaching: ["10.3.2.0/24"])))
        #expect(try received().map { $0[28] } == [0, 1, 2])
        #expect(hub.engine.status().drops == [:])
    }

    @Test(arguments: [true, false])
    func `WG-D-11 are dropped and counted when the pair is unlinked`(atReceiver: Bool) throws {
        defer { hub.stop() }
        apply(.update((atReceiver ? b : a).configuration(reaching: ["10.3.2.9/32"])))
        #expect(try received() == [])
        #expect(hub.engine.status().drops == [atReceiver ? .notInReceiversAllowedIPs : .notInAllowedIPs: 3])
    }

    @Test func `WG-D-11 are dropped and counted when the sender is disabled`() throws {
        defer { hub.stop() }
        var configuration = a.configuration(reaching: ["10.3.2.3/32"])
        configuration.isEnabled = false
        apply(.update(configuration))
        #expect(try received() == [])
        #expect(hub.engine.status().drops == [.peerRemoved: 3])
    }

    @Test func `WG-D-11 are dropped and counted when the sender is removed, also when a new peer has its slot and its address`() throws {
        defer { hub.stop() }
        let control = hub.engine.control
        let slot = control.locked { control.peers[a.publicKey]?.slot }
        apply(.remove(a.publicKey))
        try #require(
            eventually {
                control.locked {
                    control.reclaim()
                    return control.peers.places.freeCount == 1
                }
            })
        let successor = hub.peer("10.3.2.2")
        hub.add(successor, reaching: ["10.3.2.3/32"])
        let successorsSlot = control.locked { control.peers[successor.publicKey]?.slot }
        try #require(slot != nil && successorsSlot == slot)
        #expect(try received() == [])
        #expect(hub.engine.status().drops == [.peerRemoved: 3])
    }

    @Test func `WG-D-11 are dropped and counted when the receiver's address moves to another peer`() throws {
        defer { hub.stop() }
        let c = hub.peer("10.3.2.3")
        var moved = b.configuration(reaching: ["10.3.2.2/32"])
        moved.ownedPrefixes = [IPPrefix("10.3.2.77/32")!]
        apply(.update(moved), .add(c.configuration(reaching: ["10.3.2.2/32"]), PeerMemory()))
        #expect(try received(pingingFrom: "10.3.2.77") == [])
        #expect(hub.engine.status().drops == [.peerRemoved: 3])
    }
}
