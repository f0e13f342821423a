// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing

@testable import Relay

extension Packet {
    /// An IPv4 TCP segment without data.
    static func tcp(from source: String, _ sourcePort: UInt16, to destination: String, _ port: UInt16, flags: UInt8) -> [UInt8] {
        var packet = ipv4(from: source, to: destination, payload: [UInt8](repeating: 0, count: 12))
        packet[9] = 6
        let ports = [sourcePort, port].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        packet.replaceSubrange(20..., with: ports + [0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0])
        return refreshed(packet)
    }

    /// An IPv4 UDP packet with these ports.
    static func udp(from source: String, _ sourcePort: UInt16, to destination: String, _ port: UInt16, payload: [UInt8] = [1]) -> [UInt8] {
        var packet = ipv4(from: source, to: destination, payload: payload)
        packet.replaceSubrange(20..<24, with: [sourcePort, port].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
        return packet
    }

    /// With a correct header checksum.
    private static func refreshed(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        (packet[10], packet[11]) = (0, 0)
        let sum = Checksum.finish(packet.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: 20) })
        (packet[10], packet[11]) = (UInt8(sum >> 8), UInt8(sum & 255))
        return packet
    }
}

private let (syn, synAck, ack, fin, rst): (UInt8, UInt8, UInt8, UInt8, UInt8) = (2, 0x12, 0x10, 0x11, 4)

/// A and B reach each other, A has the address 10.3.2.2 and B 10.3.2.3. Rules narrow that.
@Suite struct `Rules by service` {
    private let hub: Hub
    private let (a, b): (TestPeer, TestPeer)

    init() throws {
        hub = try Hub()
        (a, b) = try hub.pair()
    }

    private func set(_ rules: [PeerRules.Entry], end: Rule.Action = .deny) {
        _ = hub.engine.apply([], rules: PeerRules(rules, end: end), generation: 7)
    }

    private func entry(_ id: Int64, _ action: Rule.Action, from: TestPeer? = nil, to: TestPeer? = nil, _ service: String) -> PeerRules.Entry {
        PeerRules.Entry(
            id: id, number: Int(id), action, from: from.map { .peers([$0.publicKey]) } ?? .any, to: to.map { .peers([$0.publicKey]) } ?? .any,
            service: TransportService(service)!)
    }

    /// Whether a packet comes through, apart from what the hub changes: A's to B, or B's to A.
    private func passes(_ packet: [UInt8]) -> Bool {
        let isOfA = packet[15] == 2
        (isOfA ? a : b).send(packet)
        while let received = (isOfA ? b : a).receive(timeout: .milliseconds(300)) {
            if received[12..<20] == packet[12..<20], received.dropFirst(20).prefix(packet.count - 20).elementsEqual(packet.dropFirst(20)) {
                return true
            }
        }
        return false
    }

    private func tcp(_ flags: UInt8, port: UInt16 = 22, from client: UInt16 = 40_000) -> [UInt8] {
        Packet.tcp(from: "10.3.2.2", client, to: "10.3.2.3", port, flags: flags)
    }

    private func tcpBack(_ flags: UInt8, port: UInt16 = 22, to client: UInt16 = 40_000) -> [UInt8] {
        Packet.tcp(from: "10.3.2.3", port, to: "10.3.2.2", client, flags: flags)
    }

    private func ping(back isBack: Bool = false, isReply: Bool = false) -> [UInt8] {
        var packet = Packet.echo(from: isBack ? "10.3.2.3" : "10.3.2.2", to: isBack ? "10.3.2.2" : "10.3.2.3")
        if isReply { packet[20] = 0 }
        return packet
    }

    @Test func `let a connection pass both ways, and only from the side that may open it`() throws {
        defer { hub.stop() }
        set([entry(1, .allow, from: a, to: b, "tcp 22")])
        #expect(!passes(tcpBack(synAck)))
        #expect(passes(tcp(syn)))
        #expect(passes(tcpBack(synAck)))
        #expect(passes(tcp(ack)))
        #expect(passes(tcpBack(ack)))
        #expect(!passes(tcp(syn, port: 23)))
        #expect(!passes(tcpBack(ack, to: 40_001)))
        #expect(!passes(ping()))
        // The answering side may not use the ports of the connection for one of its own.
        #expect(!passes(tcpBack(syn)))
        #expect(passes(tcpBack(fin)) && passes(tcp(fin)))
        #expect(!passes(tcpBack(syn)))
        #expect(passes(tcp(syn)))
    }

    @Test func `answer UDP and pings by their ports and identifiers`() throws {
        defer { hub.stop() }
        set([entry(1, .allow, from: a, to: b, "udp 53"), entry(2, .allow, from: a, to: b, "icmp")])
        let answer = Packet.udp(from: "10.3.2.3", 53, to: "10.3.2.2", 5000)
        #expect(!passes(answer))
        #expect(passes(Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.3", 53)))
        #expect(passes(answer))
        #expect(!passes(Packet.udp(from: "10.3.2.3", 53, to: "10.3.2.2", 5001)))
        #expect(!passes(ping(back: true, isReply: true)))
        #expect(passes(ping()))
        #expect(passes(ping(back: true, isReply: true)))
        #expect(!passes(ping(back: true)))
    }

    @Test func `let ICMP errors about a known flow pass, and no others`() throws {
        defer { hub.stop() }
        set([entry(1, .allow, from: a, to: b, "udp 53")])
        let query = Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.3", 53)
        func unreachable(about packet: [UInt8]) -> [UInt8] {
            var error = Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2", payload: packet)
            error[9] = 1
            error.replaceSubrange(20..<28, with: [3, 3, 0, 0, 0, 0, 0, 0])
            return error
        }
        #expect(!passes(unreachable(about: query)))
        #expect(passes(query))
        #expect(passes(unreachable(about: query)))
        #expect(!passes(unreachable(about: Packet.udp(from: "10.3.2.2", 5001, to: "10.3.2.3", 53))))
    }

    @Test func `let fragments follow the first one`() throws {
        defer { hub.stop() }
        set([entry(1, .allow, from: a, to: b, "udp 53")])
        func fragment(_ packet: [UInt8], first isFirst: Bool, id: UInt8) -> [UInt8] {
            var packet = packet
            packet[5] = id
            (packet[6], packet[7]) = isFirst ? (0x20, 0) : (0, 2)
            return packet
        }
        let payload = [UInt8](repeating: 7, count: 8)
        let first = Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.3", 53, payload: payload)
        let refused = Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.3", 54, payload: payload)
        #expect(!passes(fragment(first, first: false, id: 1)))
        #expect(passes(fragment(first, first: true, id: 2)))
        #expect(passes(fragment(first, first: false, id: 2)))
        #expect(!passes(fragment(refused, first: true, id: 3)))
        #expect(!passes(fragment(refused, first: false, id: 3)))
    }

    @Test func `tell the sender with the ICMP error or the reset that the rule says`() throws {
        defer { hub.stop() }
        set([entry(1, .reset, to: b, "tcp 22"), entry(2, .deny, to: b, "any")], end: .allow)
        a.send(tcp(syn, port: 23))
        let error = try #require(a.receive())
        #expect(error[9] == 1 && Array(error[20..<22]) == [3, 13])
        a.send(tcp(syn))
        let reset = try #require(a.receive())
        // From B's port 22, as if B had refused it.
        #expect(reset[9] == 6 && Array(reset[12..<16]) == [10, 3, 2, 3] && Array(reset[20..<22]) == [0, 22] && reset[33] & 4 == 4)
        #expect(eventually { hub.engine.dropped(.ruleRefused) == 2 })
    }

    @Test func `end a flow with the rule that allowed it, and only then`() throws {
        defer { hub.stop() }
        let ssh = entry(1, .allow, from: a, to: b, "tcp 22")
        set([ssh])
        #expect(passes(tcp(syn)) && passes(tcpBack(synAck)))
        // An unrelated edit.
        set([entry(2, .allow, from: b, to: a, "udp 53"), ssh])
        #expect(passes(tcpBack(ack)) && passes(tcp(ack)))
        // Another rule allows it too.
        set([entry(3, .allow, from: a, "tcp")])
        #expect(passes(tcpBack(ack)))
        let ending = hub.engine.flowsEnding(under: PeerRules([entry(2, .allow, from: b, to: a, "udp 53")], end: .deny))
        #expect(ending.map(\.from) == [a.publicKey] && ending.map(\.to) == [b.publicKey] && ending.map(\.port) == [22])
        #expect(hub.engine.flowsEnding(under: PeerRules([ssh], end: .deny)) == [])
        set([entry(2, .allow, from: b, to: a, "udp 53")])
        #expect(!passes(tcpBack(ack)))
        #expect(!passes(tcp(ack)))
        // Without rules everything passes again.
        set([], end: .allow)
        #expect(passes(tcpBack(ack)) && passes(ping()))
    }

    @Test func `count the flows that a rule allows and the packets that it refuses, also when other rules change`() throws {
        defer { hub.stop() }
        let (ssh, dns) = (entry(1, .allow, from: a, to: b, "tcp 22"), entry(2, .deny, "udp 53"))
        set([ssh, dns])
        #expect(passes(tcp(syn)) && passes(tcpBack(synAck)) && passes(tcp(ack)))
        for _ in 0..<2 { a.send(Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.3", 53)) }
        a.send(ping())
        let hits = { (id: Int64) in hub.engine.status().ruleHits[id]?.count ?? 0 }
        #expect(eventually { hits(1) == 1 && hits(2) == 2 && hub.engine.status().endHits.count == 1 })
        #expect(hub.engine.status().ruleHits[2]?.lastAt != nil)
        set([dns])
        #expect(hits(2) == 2 && hub.engine.status().ruleHits[1] == nil)
        // A new rule counts from 0, wherever it counts.
        for first in [10, 2000] as [Int64] { set([dns] + (first..<first + 999).map { entry($0, .deny, "47") }) }
        set([dns, ssh])
        #expect(hub.engine.status().ruleHits[1] == RuleHits() && hits(2) == 2)
    }

    @Test func `are named by their numbers in a trace`() throws {
        defer { hub.stop() }
        set([entry(4, .deny, "udp")], end: .allow)
        #expect(hub.engine.startTrace(of: a.publicKey, count: 1) == nil)
        a.send(Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.3", 53))
        var packets: [TracedPacket] = []
        #expect(
            eventually {
                packets += hub.engine.traced().packets
                return !packets.isEmpty
            })
        #expect(packets.first?.verdict == .refused(rule: 4))
        #expect(packets.first.flatMap { TracedPacket($0.description) } == packets.first)
    }

    @Test func `hold for packets to the hub, but not for its answers`() throws {
        defer { hub.stop() }
        let toHub = { (id: Int64, action: Rule.Action, service: String) in
            PeerRules.Entry(id: id, number: 1, action, to: .hub, service: TransportService(service)!)
        }
        let ping = Packet.echo(from: "10.3.2.2", to: "10.3.2.1")
        set([toHub(1, .allow, "icmp")])
        a.send(ping)
        #expect(a.receive()?[20] == 0)
        set([toHub(1, .deny, "icmp")])
        a.send(ping)
        #expect(a.receive().map { Array($0[20..<22]) } == [3, 13])
        #expect(eventually { hub.engine.dropped(.ruleRefused) == 1 })
    }

    @Test func `are compiled again when a peer that they name comes or goes`() throws {
        defer { hub.stop() }
        let c = hub.peer("10.3.2.4")
        set([entry(1, .allow, from: c, to: a, "udp"), entry(2, .deny, from: b, "udp")], end: .deny)
        _ = hub.engine.apply([.update(a.configuration(reaching: ["10.3.2.0/24"]))], generation: 8)
        hub.add(c, reaching: ["10.3.2.2/32"])
        try #require(c.connect())
        c.send(Packet.udp(from: "10.3.2.4", 5000, to: "10.3.2.2", 53))
        #expect(a.receive()?[15] == 4)
    }

    @Test func `refuse a packet that waited for the receiver, if they changed meanwhile`() throws {
        defer { hub.stop() }
        let (d, endpoint) = (hub.peer("10.3.2.5"), LoopbackSocket())
        set([entry(1, .allow, from: a, "udp")])
        _ = hub.engine.apply(
            [
                .update(a.configuration(reaching: ["10.3.2.0/24"])),
                .add(d.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: endpoint.endpoint)),
            ], generation: 8)
        for port in [53, 54] as [UInt16] { a.send(Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.5", port)) }
        try #require(eventually { hub.engine.peer(d.publicKey)?.staged == 2 })
        set([entry(2, .allow, from: a, "udp 54")])
        Linux.Thread.sleep(.milliseconds(40))
        try #require(d.connect())
        #expect(d.receive().map { Array($0[22..<24]) } == [0, 54])
        #expect(eventually { hub.engine.dropped(.ruleRefused) == 1 })
    }
}
