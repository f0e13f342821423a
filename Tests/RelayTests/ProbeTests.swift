// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing

@testable import Relay

/// Tests a link without a device of the hub's own: an echo into B's tunnel with A's address as source.
@Suite struct `Probing` {
    private func probe(_ peer: TestPeer, as source: TestPeer) -> Probe {
        Probe(peer: peer.publicKey, source: source.address, destination: peer.address)
    }

    /// The number of a started probe.
    private func start(_ probe: Probe, _ hub: Hub) throws -> UInt64 {
        guard case .underWay(let id) = hub.engine.start([probe])[0] else { throw Errno.invalidArgument }
        return id
    }

    /// The outcome of a probe that has one at once.
    private func immediate(_ probe: Probe, _ hub: Hub) -> ProbeOutcome? {
        if case .over(let outcome) = hub.engine.start([probe])[0] { outcome } else { nil }
    }

    private func reply(to request: [UInt8]) throws -> [UInt8] {
        var bytes = request
        let isAnswered = try bytes.withUnsafeMutableBytes { ICMP.answerEcho(try IPPacket(at: $0.baseAddress!, available: $0.count)) != nil }
        try #require(isAnswered)
        return bytes
    }

    /// As if `duration` had passed, but only for probes.
    private func outcome(_ id: UInt64, after duration: Duration, _ hub: Hub) -> ProbeOutcome? {
        hub.engine.control.locked { hub.engine.control.outcome(ofProbe: id, now: .now() + duration) }
    }

    private func isActive(_ hub: Hub) -> Bool { hub.engine.shared.probes.isActive }

    private func answered(_ id: UInt64, _ hub: Hub) -> Duration? {
        _ = eventually { hub.engine.outcome(ofProbe: id) != nil }
        return hub.engine.outcome(ofProbe: id)?.roundTrip
    }

    @Test func `proves that a device allows another, and does not forward the answer to that one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let id = try start(probe(b, as: a), hub)
        let request = try #require(b.receive())
        #expect(try IPPacketCopy(request) == IPPacketCopy(source: a.address, destination: b.address, nextProtocol: 1))
        Linux.Thread.sleep(.milliseconds(30))
        b.send(try reply(to: request))
        let time = try #require(answered(id, hub))
        #expect(time >= .milliseconds(30))
        #expect(time < .seconds(2))
        #expect(a.receive(timeout: .milliseconds(200)) == nil)
        #expect(hub.engine.status().drops == [:])
        #expect(a.faults == [])
        #expect(b.faults == [])
    }

    @Test func `works in IPv6 and in the name of the hub`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("fd00::2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: [])
        hub.add(b, reaching: [])
        try #require(a.connect() && b.connect())
        let six = try start(Probe(peer: a.publicKey, source: IPAddress("fd00::9")!, destination: a.address), hub)
        a.send(try reply(to: #require(a.receive())))
        #expect(answered(six, hub) != nil)
        // The answer is for the hub itself, and is not treated as a ping.
        let four = try start(Probe(peer: b.publicKey, source: IPAddress("10.3.2.1")!, destination: b.address), hub)
        b.send(try reply(to: #require(b.receive())))
        #expect(answered(four, hub) != nil)
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `accepts neither a wrong payload nor the right one from another peer as an answer`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let c = hub.peer("10.3.2.4")
        hub.add(c, reaching: ["10.3.2.2/32"])
        _ = hub.engine.apply([.update(a.configuration(reaching: ["10.3.2.0/24"]))], generation: 2)
        try #require(c.connect())
        let id = try start(probe(b, as: a), hub)
        let right = try reply(to: #require(b.receive()))
        var wrong = right
        wrong[wrong.count - 20] ^= 1
        b.send(wrong)
        #expect(a.receive() != nil)
        var stolen = right
        stolen[15] = 4
        c.send(stolen)
        #expect(a.receive() != nil)
        #expect(hub.engine.outcome(ofProbe: id) == nil)
        // And no peer can answer with another's address.
        c.send(right)
        #expect(eventually { hub.engine.dropped(.sourceNotAllowed) == 1 })
        #expect(hub.engine.outcome(ofProbe: id) == nil)
        #expect(outcome(id, after: Probe.patience, hub) == .noAnswer)
    }

    @Test func `does not forward a late answer, and keeps its outcome`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let id = try start(probe(b, as: a), hub)
        let answer = try reply(to: #require(b.receive()))
        #expect(outcome(id, after: Probe.patience, hub) == .noAnswer)
        b.send(answer)
        #expect(a.receive(timeout: .milliseconds(200)) == nil)
        #expect(hub.engine.outcome(ofProbe: id) == .noAnswer)
        // Once the probe is forgotten, its answer is a packet like any other.
        hub.engine.control.locked { hub.engine.control.runProbes(now: .now() + Probe.memory) }
        #expect(!isActive(hub))
        b.send(answer)
        #expect(a.receive() != nil)
    }

    @Test func `distinguishes a firewall that refuses from one that is silent`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let id = try start(probe(b, as: a), hub)
        var request = try #require(b.receive())
        var error = [UInt8](repeating: 0, count: ICMP.largestError6)
        let count = try request.withUnsafeMutableBytes { request in
            let packet = try IPPacket(at: request.baseAddress!, available: request.count)
            return error.withUnsafeMutableBytes { ICMP.writeError(.prohibited, about: packet, from: b.address, to: $0.baseAddress!) }
        }
        b.send(Array(error.prefix(count)))
        #expect(eventually { hub.engine.outcome(ofProbe: id) == .refused })
        #expect(a.receive(timeout: .milliseconds(200)) == nil)
    }

    @Test func `finds the largest packet that passes, and keeps all answers to itself`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let id = try start(Probe(peer: b.publicKey, source: a.address, destination: b.address, byteCount: 1420), hub)
        let deadline = Instant.now() + Probe.patience
        var outcome: ProbeOutcome?
        while outcome == nil, Instant.now() < deadline {
            // A path that drops what is larger.
            while let request = b.receive(timeout: .milliseconds(1)) { if request.count <= 1200 { b.send(try reply(to: request)) } }
            outcome = hub.engine.outcome(ofProbe: id)
        }
        guard case .largeLost(_, let largest, let tried)? = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(largest == 1200)
        #expect(tried == 1420)
        #expect(a.receive(timeout: .milliseconds(200)) == nil)
        #expect(hub.engine.status().drops == [:])
        #expect(a.faults == [])
        #expect(b.faults == [])
    }

    @Test func `starts a handshake if there is no session, and reports if none completes`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        let changes = [a, b].map { PeerChange.add($0.configuration(reaching: []), PeerMemory(endpoint: $0.endpoint)) }
        _ = hub.engine.apply(changes, generation: 1)
        let id = try start(probe(b, as: a), hub)
        b.send(try reply(to: #require(b.receive(timeout: .seconds(2)))))
        #expect(answered(id, hub) != nil)
        // Nobody reads a's socket: its initiation is not answered.
        let other = try start(probe(a, as: b), hub)
        #expect(outcome(other, after: .milliseconds(1000), hub) == nil)
        #expect(outcome(other, after: Probe.keypairPatience, hub) == .noSession)
        // A later session does not change the outcome.
        try #require(a.connect())
        #expect(a.receive(timeout: .milliseconds(200)) == nil)
    }

    @Test func `finds out whether a silent device is still online, and probes again under the new session`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        for peer in [a, b] {
            hub.engine.age(peer.publicKey, by: .seconds(60))
            hub.engine.letHandshakesLeave(to: peer.publicKey)
        }
        let id = try start(probe(b, as: a), hub)
        let gone = try start(probe(a, as: b), hub)
        let first = try #require(b.receive())
        b.forgetSession()
        hub.engine.control.locked {
            hub.engine.control.runProbes(now: .now() + .seconds(1))
            hub.engine.control.egress.flush(now: .now())
        }
        let second = try #require(b.receive())
        #expect(b.messagesReceived.contains(.initiation))
        #expect(second.suffix(16) == first.suffix(16))
        b.send(try reply(to: second))
        #expect(answered(id, hub) != nil)
        #expect(outcome(gone, after: Probe.patience, hub) == .noSession)
    }

    @Test func `is refused at once if it is impossible`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: [])
        #expect(immediate(probe(a, as: b), hub) == .noEndpoint)
        #expect(immediate(probe(b, as: a), hub) == .notInForce)
        #expect(immediate(Probe(peer: a.publicKey, source: b.address, destination: b.address), hub) == .notInForce)
        #expect(immediate(Probe(peer: a.publicKey, source: IPAddress("fd00::1")!, destination: a.address), hub) == .notInForce)
        #expect(!isActive(hub))
    }

    @Test func `ends when its device is removed`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let id = try start(probe(b, as: a), hub)
        _ = hub.engine.apply([.remove(b.publicKey)], generation: 2)
        #expect(hub.engine.outcome(ofProbe: id) == .notInForce)
        #expect(!isActive(hub))
    }

    @Test func `starts at most four times a second, for all callers together`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let started = hub.engine.start((0..<4).map { $0 % 2 == 0 ? probe(b, as: a) : probe(a, as: b) } + [probe(b, as: a), probe(a, as: b)])
        #expect(started.count { if case .over(.limited) = $0 { true } else { false } } == 2)
        var list = ProbeList()
        let start = Instant(nanoseconds: 1_000_000_000_000)
        let begun = (0..<1000).count { list.mayStart(now: start + .milliseconds($0 * 10)) }
        #expect(begun == 40)
    }

    @Test func `waits for all outcomes at once`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let begin = Instant.now()
        let outcomes = hub.engine.probe([probe(b, as: a), probe(a, as: b)])
        #expect(outcomes == [.noAnswer, .noAnswer])
        #expect(Instant.now() - begin < Probe.patience + .seconds(1))
    }

    @Test func `over the control socket can be started and polled`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let ask = { (text: String) in String(decoding: try #require(hub.engine.answer(control: Array(text.utf8))), as: UTF8.self) }
        let begun = try ask("probe=\(b.publicKey.base64)\nsource=10.3.2.2\ndestination=10.3.2.3\n")
        let id = try #require(begun.firstMatch(of: /^id=(\d+)\nerrno=0\n\n$/)?.1)
        #expect(try ask("outcome=\(id)\n") == "errno=0\n\n")
        b.send(try reply(to: #require(b.receive())))
        #expect(eventually { (try? ask("outcome=\(id)\n").hasPrefix("outcome=answered ")) == true })
        #expect(try ask("probe=\(b.publicKey.base64)\nsource=10.3.2.2\ndestination=10.3.2.2\n") == "outcome=not_in_force\nerrno=0\n\n")
        let sized = try ask("probe=\(b.publicKey.base64)\nsource=10.3.2.2\ndestination=10.3.2.3\nsize=1400\n")
        #expect(sized.hasPrefix("id="))
        #expect(try ask("probe=\(b.publicKey.base64)\nsource=10.3.2.2\ndestination=10.3.2.3\nsize=9000\n") == "outcome=not_in_force\nerrno=0\n\n")
        for text in ["probe=x\nsource=10.3.2.2\ndestination=10.3.2.3\n", "probe=\(b.publicKey.base64)\n", "outcome=x\n", "peer=x\n"] {
            #expect(hub.engine.answer(control: Array(text.utf8)) == nil)
        }
        _ = a
    }
}

struct `The control socket` {
    @Test func `tells the port of WireGuard`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let answer = try #require(hub.engine.answer(control: Array("hub=1\n".utf8)))
        #expect(String(decoding: answer, as: UTF8.self) == "listen_port=\(hub.engine.listen.port)\nerrno=0\n\n")
        #expect(hub.engine.answer(control: Array("hub=2\n".utf8)) == nil)
    }
}

/// The fields of a packet that these tests check.
private struct IPPacketCopy: Equatable {
    var source: IPAddress
    var destination: IPAddress
    var nextProtocol: UInt8

    init(source: IPAddress, destination: IPAddress, nextProtocol: UInt8) {
        self.source = source
        self.destination = destination
        self.nextProtocol = nextProtocol
    }

    init(_ bytes: [UInt8]) throws {
        var bytes = bytes
        let packet = try bytes.withUnsafeMutableBytes { buffer in
            let packet = try IPPacket(at: buffer.baseAddress!, available: buffer.count)
            return (packet.source, packet.destination, packet.nextProtocol)
        }
        self.init(source: packet.0, destination: packet.1, nextProtocol: packet.2)
    }
}
