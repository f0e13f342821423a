// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing
import WireGuard

@testable import Relay

@Suite struct `Endpoints` {
    private let toA = Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2")

    @Test func `WG-E-2 follow a peer that sends each packet from another port`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        for _ in 0..<20 {
            a.move()
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
            #expect(b.receive() != nil)
            b.send(toA)
            #expect(a.receive() != nil)
        }
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-E-2 WG-E-10 follow a peer from IPv4 to IPv6 and back, on one port`() throws {
        let hub = try Hub(listen: "[::]:0")
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        hub.add(b, reaching: ["10.3.2.2/32"])
        a.move(to: "::1", hub: hub.listen(at: "::1"))
        b.move(to: "127.0.0.1", hub: hub.listen(at: "127.0.0.1"))
        try #require(a.connect() && b.connect())
        for address in ["127.0.0.1", "::1", "127.0.0.1"] {
            a.move(to: address, hub: hub.listen(at: address))
            a.send([])
            try #require(eventually { hub.engine.peer(a.publicKey)?.endpoint == a.endpoint })
            b.send(toA)
            #expect(a.receive() != nil)
        }
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-E-3 that are new get the packets that were staged for the old ones`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        _ = hub.engine.apply([.add(a.configuration(reaching: ["10.3.2.3/32"]), PeerMemory(endpoint: LoopbackSocket().endpoint))], generation: 1)
        hub.add(b, reaching: ["10.3.2.2/32"])
        try #require(b.connect())
        b.send(toA)
        try #require(eventually { hub.engine.peer(a.publicKey)?.staged == 1 })
        try #require(a.connect())
        #expect(a.receive() != nil)
        #expect(hub.engine.peer(a.publicKey)?.staged == 0)
    }

    @Test func `WG-E-5 WG-E-7 are answered from the address that they sent to, whole trains too`() throws {
        let hub = try Hub(listen: "0.0.0.0:0")
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        for address in ["127.0.0.2", "127.0.0.3"] {
            a.move(hub: hub.listen(at: address))
            if a.session == nil { try #require(a.connect()) }
            #expect(a.session != nil)
            a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
            #expect(a.receive() != nil)
            #expect(a.last.source.endpoint == hub.listen(at: address))
        }
        // The kernel merged the messages of the train; the path of the train applies to all of them (loopback: 127.0.0.1).
        let socket = LoopbackSocket()
        let ping = Packet.echo(from: "10.3.2.2", to: "10.3.2.1")
        socket.send((0..<3).flatMap { _ in a.seal(ping) }, to: hub.engine.listen, segmentByteCount: ping.count + 32)
        for _ in 0..<3 { #expect(socket.receive()?.bytes.count == 64) }
        #expect(hub.engine.peer(a.publicKey)?.endpoint == socket.endpoint)
    }

    @Test func `WG-E-9 are learned from a peer that had none, which is then reached`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        hub.add(b, reaching: ["10.3.2.2/32"])
        try #require(b.connect())
        b.send(toA)
        #expect(b.receive()?[20] == 3)
        #expect(hub.engine.peer(a.publicKey)?.endpoint == nil)
        try #require(a.connect())
        b.send(toA)
        #expect(a.receive() != nil)
    }

    @Test func `WG-E-10 of both families share a port that the kernel picks`() throws {
        for _ in 0..<5 {
            let hub = try Hub(listen: "[::]:0")
            defer { hub.stop() }
            #expect(hub.engine.listen.port != 0)
            #expect(throws: EngineError.self) { try Hub(listen: "127.0.0.1:\(hub.engine.listen.port)") }
            #expect(throws: EngineError.self) { try Hub(listen: "[::1]:\(hub.engine.listen.port)") }
        }
    }

    @Test func `WG-X-1 WG-I-8 change with a packet whose content is refused, but WG-W-5 not with one whose tag is wrong`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, _) = try hub.pair()
        let before = a.endpoint
        a.move()
        var forged = a.seal([])
        forged[20] ^= 1
        a.sendRaw(forged)
        try #require(eventually { hub.engine.dropped(.badTag) == 1 })
        #expect(hub.engine.peer(a.publicKey)?.endpoint == before)
        a.send([UInt8](repeating: 0, count: 16))
        try #require(eventually { hub.engine.dropped(.badInnerType) == 1 })
        #expect(hub.engine.peer(a.publicKey)?.endpoint == a.endpoint)
    }
}
