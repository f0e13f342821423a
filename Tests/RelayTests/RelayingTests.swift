// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing

@testable import Relay

/// An engine on loopback with peers that a test controls.
struct Hub {
    let engine: Engine

    init(
        workers: Int = 2, listen: String = "127.0.0.1:0", calls: DatagramCalls = .kernel, _ change: (inout EngineConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = EngineConfiguration(privateKey: .generate(), listen: Endpoint(listen)!, workers: workers)
        configuration.calls = calls
        configuration.sharesCore = ProcessEnvironment.value("ONE_CORE") != nil
        change(&configuration)
        engine = try Engine(configuration)
        _ = engine.apply([], hubAddresses: [IPAddress("10.3.2.1")!], generation: 0)
    }

    /// Stops it once the sums are correct that must be correct after every test (WG-Q-4).
    func stop(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(eventually { engine.status().isAccountedFor }, "WG-Q-4 the counters do not add up", sourceLocation: sourceLocation)
        engine.stop()
    }

    func peer(_ address: String) -> TestPeer { TestPeer(address, hub: engine.publicKey, at: engine.listen) }

    func add(_ peer: TestPeer, reaching others: [String], keepalive: Duration = .zero) {
        _ = engine.apply([.add(peer.configuration(reaching: others, keepalive: keepalive), PeerMemory())], generation: 1)
    }

    /// Two peers that reach each other, both connected.
    func pair() throws -> (TestPeer, TestPeer) {
        let (a, b) = (peer("10.3.2.2"), peer("10.3.2.3"))
        add(a, reaching: ["10.3.2.3/32"])
        add(b, reaching: ["10.3.2.2/32"])
        try #require(a.connect() && b.connect())
        // The hub has seen both keepalives.
        try #require(eventually { engine.status().peers.allSatisfy(\.hasKeypair) })
        return (a, b)
    }

    /// The same, with a session to the second one that the hub began.
    func calledPair() throws -> (TestPeer, TestPeer) {
        let (a, b) = (peer("10.3.2.2"), peer("10.3.2.3"))
        add(a, reaching: ["10.3.2.3/32"])
        _ = engine.apply([.add(b.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: b.endpoint))], generation: 2)
        try #require(a.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        try #require(b.receive() != nil)
        return (a, b)
    }

    /// Where the hub can be reached at one of its addresses.
    func listen(at address: String) -> Endpoint { Endpoint(address: IPAddress(address)!, port: engine.listen.port) }
}

/// Peers with a keepalive, so that the hub connects at once to the given endpoints.
func strangers(_ count: Int, at endpoint: Endpoint) -> [PeerChange] {
    (0..<count).map { number in
        .add(
            PeerConfiguration(
                publicKey: PrivateKey.generate().publicKey, ownedPrefixes: [IPPrefix("10.9.\(number / 250).\(number % 250)/32")!], allowedIPs: [],
                persistentKeepalive: .seconds(25)), PeerMemory(endpoint: endpoint))
    }
}

@Suite struct `Relaying` {
    @Test func `a packet from A to B arrives with its TTL lowered and its bytes unchanged`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        hub.add(b, reaching: ["10.3.2.2/32"])
        try #require(a.connect())
        try #require(b.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        let packet = try #require(b.receive())
        #expect(Array(packet[..<33]) == Array(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", ttl: 63)))
        #expect(a.faults == [])
        #expect(b.faults == [])
    }

    @Test func `WG-X-5 a packet with a foreign source is dropped and counted`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.0/24"])
        hub.add(b, reaching: ["10.3.2.0/24"])
        try #require(a.connect() && b.connect())
        a.send(Packet.ipv4(from: "10.3.2.9", to: "10.3.2.3"))
        #expect(b.receive(timeout: .milliseconds(200)) == nil)
        #expect(eventually { hub.engine.dropped(.sourceNotAllowed) == 1 })
    }

    @Test func `the hub answers a ping to its own address`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        try #require(a.connect())
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        let reply = try #require(a.receive())
        #expect(reply[20] == 0)
        #expect(Array(reply[12..<16]) == [10, 3, 2, 1])
        #expect(Array(reply[16..<20]) == [10, 3, 2, 2])
    }

    @Test func `WG-H-6 a packet for a peer without session waits for the handshake that it starts`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        _ = hub.engine.apply(
            [.add(b.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: b.endpoint))], generation: 2)
        try #require(a.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(b.receive() != nil)
        #expect(b.messagesReceived.first == .initiation)
    }

    @Test func `taking B out of A's allowed IPs stops packets and putting it back resumes them, in the same sessions`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let packet = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")
        a.send(packet)
        #expect(b.receive() != nil)
        let report = hub.engine.apply([.update(a.configuration(reaching: []))], generation: 3)
        #expect(report.keypairsDropped == 0)
        #expect(report.changedPeers == 1)
        a.send(packet)
        #expect(b.receive(timeout: .milliseconds(200)) == nil)
        #expect(eventually { hub.engine.dropped(.notInAllowedIPs) == 1 })
        _ = hub.engine.apply([.update(a.configuration(reaching: ["10.3.2.3/32"]))], generation: 4)
        a.send(packet)
        #expect(b.receive() != nil)
        #expect(hub.engine.appliedGeneration == 4)
    }
}

extension EngineStatus {
    /// Both sums of WG-Q-4. They are equal when nothing is in progress.
    var isAccountedFor: Bool {
        let receipt = drops.filter { $0.key.isReceipt }.values.reduce(0, +)
        let exit = drops.filter { !$0.key.isReceipt }.values.reduce(0, +)
        let staged = UInt64(peers.reduce(0) { $0 + $1.staged })
        return datagramsReceived == datagramsAccepted + receipt && datagramsRouted == datagramsSent + exit + staged
    }
}
