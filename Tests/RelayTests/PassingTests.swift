// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Relay

/// Changes that a router makes to packets, and errors that it reports about them (Documentation/protocol.md section 15).
@Suite struct `Relayed packets` {
    private func toB(_ byteCount: Int, ttl: UInt8 = 64) -> [UInt8] {
        Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", ttl: ttl, payload: (0..<byteCount - 28).map { UInt8(truncatingIfNeeded: $0 / 7) })
    }

    private func limit(_ hub: Hub, _ peer: TestPeer, reaching other: String, to mtu: Int) {
        peer.mtu = mtu
        _ = hub.engine.apply([.update(peer.configuration(reaching: [other], mtu: mtu))], generation: 2)
    }

    @Test func `WG-H-13 that are too large and may be fragmented arrive in fragments`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        limit(hub, b, reaching: "10.3.2.2/32", to: 1300)
        let packet = toB(3000)
        a.send(packet)
        let fragments = try (0..<3).map { _ in try #require(b.receive()) }
        #expect(fragments.map { Int($0[2]) << 8 | Int($0[3]) } == [1300, 1300, 440])
        // Within the MTU also with padding (WG-D-1).
        #expect(fragments.allSatisfy { $0.count <= 1300 && $0[8] == 63 })
        #expect(fragments[0][20..<1300] + fragments[1][20..<1300] + fragments[2][20..<440] == packet[20...])
        #expect(hub.engine.status().drops == [:])
        #expect(a.faults == [])
        #expect(b.faults == [])
        a.send(toB(1300))
        #expect(b.receive()?.count == 1300)
    }

    @Test func `WG-H-13 in fragments wait together for a session, in order`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        _ = hub.engine.apply([.add(b.configuration(reaching: ["10.3.2.2/32"], mtu: 600), PeerMemory(endpoint: b.endpoint))], generation: 2)
        b.mtu = 600
        try #require(a.connect())
        a.send(toB(1500))
        let offsets = try (0..<3).map { _ in try #require(b.receive()) }.map { (Int($0[6]) << 8 | Int($0[7])) & 0x1FFF }
        #expect(offsets == [0, 72, 144])
        #expect(b.faults == [])
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-H-13 of IPv6 may always have 1280 bytes, and are never fragmented`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("fd00::3:2:2"), hub.peer("fd00::3:2:3"))
        hub.add(a, reaching: ["fd00::/16"])
        hub.add(b, reaching: ["fd00::/16"])
        try #require(a.connect() && b.connect())
        limit(hub, b, reaching: "fd00::/16", to: 576)
        a.send(Packet.ipv6(from: "fd00::3:2:2", to: "fd00::3:2:3", payload: [UInt8](repeating: 7, count: 1240)))
        #expect(b.receive()?.count == 1280)
        a.send(Packet.ipv6(from: "fd00::3:2:2", to: "fd00::3:2:3", payload: [UInt8](repeating: 7, count: 1241)))
        let error = try #require(a.receive())
        #expect(error[40] == 2)
        #expect(error[41] == 0)
        #expect(Array(error[44..<48]) == [0, 0, 5, 0])
        #expect(eventually { hub.engine.status().drops == [.tooBig: 1] })
    }

    @Test func `WG-H-14 that open a TCP connection get a segment size for the smaller of both MTUs`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let size = { (packet: [UInt8]?) in packet.map { Int($0[42]) << 8 | Int($0[43]) } }
        a.send(Packet.syn(from: "10.3.2.2", to: "10.3.2.3", segmentSize: 1460))
        #expect(size(b.receive()) == 1460)
        limit(hub, b, reaching: "10.3.2.2/32", to: 1300)
        a.send(Packet.syn(from: "10.3.2.2", to: "10.3.2.3", segmentSize: 1460))
        #expect(size(b.receive()) == 1260)
        // The answer of B limits packets on their way to B, so it is clamped too.
        b.send(Packet.syn(from: "10.3.2.3", to: "10.3.2.2", segmentSize: 1460, isAnswer: true))
        #expect(size(a.receive()) == 1260)
        limit(hub, a, reaching: "10.3.2.3/32", to: 1200)
        b.send(Packet.syn(from: "10.3.2.3", to: "10.3.2.2", segmentSize: 1460, isAnswer: true))
        #expect(size(a.receive()) == 1160)
    }

    @Test func `WG-H-12 that are dropped cause no ICMP error if ICMP is off, but pings to the hub are answered`() throws {
        let hub = try Hub { $0.sendsICMPErrors = false }
        defer { hub.stop() }
        let (a, _) = try hub.pair()
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.99"))
        a.send(toB(100, ttl: 1))
        #expect(eventually { hub.engine.status().drops == [.noRouteToPeer: 1, .hopLimitExceeded: 1] })
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive()?[20] == 0)
        #expect(a.receive(timeout: .milliseconds(50)) == nil)
    }

    @Test func `WG-H-3 keep their TTL if the hub is to look like a single link`() throws {
        let hub = try Hub { $0.lowersHopLimit = false }
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        a.send(toB(100))
        #expect(b.receive()?.prefix(100) == toB(100)[...])
        a.send(toB(100, ttl: 1))
        #expect(b.receive()?[8] == 1)
    }

    @Test func `refused by either side's allowed IPs are answered as administratively prohibited, in both families`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        for (peer, v6) in [(a, "fd00::3:2:2"), (b, "fd00::3:2:3")] {
            var configuration = peer.configuration(reaching: [])
            configuration.ownedPrefixes.append(IPPrefix(host: IPAddress(v6)!))
            _ = hub.engine.apply([.add(configuration, PeerMemory())], generation: 1)
        }
        try #require(a.connect())
        a.send(toB(60))
        let v4 = try #require(a.receive())
        #expect(v4[20] == 3)
        #expect(v4[21] == 13)
        #expect(Array(v4[12..<16]) == [10, 3, 2, 1])
        a.send(Packet.ipv6(from: "fd00::3:2:2", to: "fd00::3:2:3", payload: [1, 2, 3, 4]))
        let v6 = try #require(a.receive())
        #expect(v6[40] == 1)
        #expect(v6[41] == 1)
        #expect(eventually { hub.engine.status().drops == [.notInAllowedIPs: 2] })
    }
}

extension Packet {
    /// An IPv6 packet of the experimental protocol 253.
    static func ipv6(from source: String, to destination: String, payload: [UInt8]) -> [UInt8] {
        [0x60, 0, 0, 0, UInt8(payload.count >> 8), UInt8(payload.count & 255), 253, 64] + bytes(source) + bytes(destination) + payload
    }

    /// An IPv4 TCP SYN, or the SYN/ACK that answers it, with a segment size and nothing else.
    static func syn(from source: String, to destination: String, segmentSize: UInt16, isAnswer: Bool = false) -> [UInt8] {
        var packet = ipv4(from: source, to: destination, payload: [UInt8](repeating: 0, count: 16))
        packet[9] = 6
        let tcp: [UInt8] = [0xC0, 0, 1, 0xBB, 0, 0, 0, 1, 0, 0, 0, 0, 0x60, isAnswer ? 0x12 : 0x02, 0xFF, 0xFF, 0, 0, 0, 0, 2, 4]
        packet.replaceSubrange(20..., with: tcp + [UInt8(segmentSize >> 8), UInt8(segmentSize & 255)])
        return packet
    }
}
