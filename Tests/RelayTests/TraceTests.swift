// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import Testing

@testable import Relay

@Suite struct `A trace` {
    private func ask(_ hub: Hub, _ request: String) throws -> String {
        String(decoding: try #require(hub.engine.answer(control: Array(request.utf8))), as: UTF8.self)
    }

    @Test func `shows what happened to each packet of a device`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.0/24"])
        hub.add(b, reaching: ["10.3.2.2/32"])
        try #require(a.connect() && b.connect())
        try #require(eventually { hub.engine.status().peers.allSatisfy(\.hasKeypair) })
        try #require(try ask(hub, "trace=\(a.publicKey.base64)\ncount=4\n") == "errno=0\n\n")
        #expect(try ask(hub, "trace=\(b.publicKey.base64)\ncount=1\n") == "errno=16\n\n")
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(b.receive() != nil)
        b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
        #expect(a.receive() != nil)
        b.send([])
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.99"))
        #expect(a.receive() != nil)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive() != nil)
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive() != nil)
        let answer = try ask(hub, "next=1\n")
        #expect(answer.hasSuffix("done=true\nerrno=0\n\n"))
        let packets = answer.split(separator: "\n").compactMap { TracedPacket(String($0.dropFirst("packet=".count))) }
        #expect(packets.map(\.verdict) == [.forwarded, .forwarded, .dropped(.noRouteToPeer), .delivered])
        #expect(packets.map(\.from) == [a.publicKey, b.publicKey, a.publicKey, a.publicKey])
        #expect(packets.map(\.to) == [b.publicKey, a.publicKey, nil, nil])
        #expect(packets.first?.source == IPAddress("10.3.2.2"))
        #expect(packets.first?.destination == IPAddress("10.3.2.3"))
        #expect(packets.map(\.nextProtocol) == [17, 17, 17, 1])
        #expect(packets[0].byteCount == 33)
    }

    @Test func `shows what happened to handshakes, including the hub's own`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        _ = hub.engine.apply([.add(a.configuration(reaching: ["10.3.2.0/24"]), PeerMemory(endpoint: a.endpoint))], generation: 1)
        try #require(try ask(hub, "trace=\(a.publicKey.base64)\ncount=6\n") == "errno=0\n\n")
        var packets: [TracedPacket] = []
        func tells(_ count: Int) -> Bool {
            eventually {
                _ = a.receiveMessage(timeout: .milliseconds(5))
                let answer = (try? ask(hub, "next=1\n")) ?? ""
                packets += answer.split(separator: "\n").compactMap { TracedPacket(String($0.dropFirst("packet=".count))) }
                return packets.count >= count
            }
        }
        // It answers with a cookie, then with a response. Then it starts its own handshake, twice.
        a.isLoaded = true
        hub.engine.initiateOnce(to: a.publicKey)
        try #require(tells(2))
        hub.engine.initiateOnce(to: a.publicKey)
        try #require(tells(4))
        Linux.Thread.sleep(.milliseconds(40))
        let initiation = a.sendInitiation()
        try #require(tells(5))
        Linux.Thread.sleep(.milliseconds(40))
        a.sendRaw(initiation)
        #expect(tells(6))
        #expect(
            packets.map(\.verdict) == [.sent, .cookie, .sent, .session, .answered, .dropped(.timestampReplay)])
        #expect(packets.map(\.type) == [.initiation, .cookieReply, .initiation, .response, .initiation, .initiation])
        #expect(packets.map(\.from) == [nil, a.publicKey, nil, a.publicKey, a.publicKey, a.publicKey])
        #expect(packets.allSatisfy { $0.outside == a.endpoint })
        #expect(packets.map(\.byteCount) == [148, 64, 148, 92, 148, 148])
    }

    @Test func `of a peer that the engine does not have is refused`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        #expect(try ask(hub, "trace=\(PrivateKey.generate().publicKey.base64)\ncount=4\n") == "errno=2\n\n")
        for request in [
            "", "trace=x\ncount=4\n", "trace=\(PrivateKey.generate().publicKey.base64)\ncount=0\n", "get=1\n", "changed=\n", "changed=-1\n",
        ] {
            #expect(hub.engine.answer(control: Array(request.utf8)) == nil)
        }
    }

    @Test func `that nobody polls ends by itself`() {
        let trace = Trace()
        let start = Instant(nanoseconds: 1_000_000_000)
        let note = PacketNote(outside: UDPAddress(), byteCount: 32)
        #expect(trace.start(7, count: 10, now: start))
        trace.add(note, Parties(sender: 7), now: start)
        trace.add(note, Parties(sender: 8), now: start)
        let wasOn = trace.isOn.load(ordering: .relaxed)
        trace.add(note, Parties(sender: 7), now: start + Trace.patience)
        let isOn = trace.isOn.load(ordering: .relaxed)
        #expect(wasOn)
        #expect(!isOn)
        #expect(trace.take(now: start + Trace.patience).entries.count == 1)
        #expect(trace.start(8, count: 1, now: start + Trace.patience))
    }

    @Test func `survives conversion to text and back`() {
        let packet = TracedPacket(
            at: 1_800_000_000_123_000_000, type: .cookieReply, from: PrivateKey.generate().publicKey, to: nil,
            outside: Endpoint("[2001:db8::7]:4500"), source: IPAddress("fd00::1"), destination: nil, byteCount: 1420, nextProtocol: nil,
            verdict: .dropped(.sourceNotAllowed))
        #expect(TracedPacket(packet.description) == packet)
        #expect(TracedPacket("1 2 3") == nil)
    }
}
