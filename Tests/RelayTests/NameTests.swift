// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Names
import Net
import Testing

@testable import Relay

/// Questions for names to the hub's own addresses (Documentation/names.md).
@Suite struct `The hub's names` {
    private let hub: Hub
    private let (a, b, c): (TestPeer, TestPeer, TestPeer)

    /// A and B reach each other in both families, C reaches nobody and has no IPv6 address.
    init() throws {
        hub = try Hub()
        (a, b, c) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"), hub.peer("10.3.2.4"))
        func peer(_ peer: TestPeer, _ own: [String], reaching: [String]) -> PeerChange {
            var configuration = peer.configuration(reaching: reaching)
            configuration.ownedPrefixes = own.compactMap { IPPrefix($0) }
            return .add(configuration, PeerMemory())
        }
        _ = hub.engine.apply(
            [
                peer(a, ["192.168.7.0/24", "10.3.2.2/32", "fd00::2/128"], reaching: ["10.3.2.0/24", "fd00::/64"]),
                peer(b, ["10.3.2.3/32", "fd00::3/128"], reaching: ["10.3.2.2/32", "fd00::2/128"]), peer(c, ["10.3.2.4/32"], reaching: []),
            ], hubAddresses: ["10.3.2.1", "fd00::1"].compactMap { IPAddress($0) }, zone: Self.zone(), generation: 1)
        try #require(a.connect() && b.connect() && c.connect())
    }

    private static func zone(b label: String = "b", domain: String = "hairpin.internal") -> Zone? {
        let names = [
            ("hub", ["10.3.2.1", "fd00::1"]), ("a", ["10.3.2.2", "fd00::2"]), (label, ["10.3.2.3", "fd00::3"]), ("c", ["10.3.2.4"]),
            ("lost", ["172.16.0.1"]), ("camera", ["192.168.7.9"]),
        ]
        return DomainName(domain).map { domain in
            Zone(domain: domain, names: names.map { ZoneName(label: $0.0, addresses: $0.1.compactMap { IPAddress($0) }) }, serial: 1)
        }
    }

    /// The code of the answer, its first address, and the reason for a refusal.
    private func ask(
        _ peer: TestPeer, _ name: String, _ type: UInt16 = 1, from source: String? = nil
    ) throws -> (code: UInt8, address: String?, text: String) {
        let source = source ?? peer.address.description
        let query = Question.bytes(name, type)
        let isV4 = IPAddress(source)!.isV4
        peer.send(Question.packet(from: source, to: isV4 ? "10.3.2.1" : "fd00::1", query))
        var packet = try #require(peer.receive())
        let headers = isV4 ? 28 : 48
        // From the asked address and port, with a correct checksum.
        let datagram = try packet.withUnsafeMutableBytes { buffer in
            let packet = try IPPacket(at: buffer.baseAddress!, available: buffer.count)
            #expect(packet.source == IPAddress(isV4 ? "10.3.2.1" : "fd00::1") && packet.destination == IPAddress(source))
            let length = packet.byteCount - headers + 8
            let addresses = Checksum.sum(packet.base + (isV4 ? 12 : 8), byteCount: isV4 ? 8 : 32, initial: UInt64(length) + 17)
            #expect(Checksum.finish(Checksum.sum(packet.base + headers - 8, byteCount: length, initial: addresses)) == 0)
            return try #require(UDPDatagram(packet))
        }
        #expect(datagram.sourcePort == 53 && datagram.destinationPort == Question.port)
        let reply = Array(packet[headers..<headers + datagram.contentByteCount])
        #expect(Array(reply.prefix(2)) == Array(query.prefix(2)))
        #expect(Array(reply[12..<query.count - 11]) == Array(query[12..<query.count - 11]))
        let answer = reply[(query.count - 11)...]
        let content = Array(answer.dropFirst(12).prefix(type == 1 ? 4 : 16))
        let address = ["10.3.2.1", "10.3.2.2", "10.3.2.3", "10.3.2.4", "192.168.7.9", "fd00::1", "fd00::2", "fd00::3"].first {
            Packet.bytes($0) == content
        }
        return (reply[3] & 0xF, reply[7] == 0 ? nil : address, String(decoding: answer.dropFirst(17), as: UTF8.self))
    }

    @Test func `have an answer for those who reach the device, over both families`() throws {
        defer { hub.stop() }
        #expect(try ask(a, "b.hairpin.internal").address == "10.3.2.3")
        #expect(try ask(a, "B.Hairpin.Internal", 28).address == "fd00::3")
        #expect(try ask(a, "b.hairpin.internal", from: "fd00::2").address == "10.3.2.3")
        #expect(try ask(a, "b.hairpin.internal", 28, from: "fd00::2").address == "fd00::3")
        #expect(try ask(b, "a.hairpin.internal").address == "10.3.2.2")
        // Itself and the hub need no list.
        #expect(try ask(c, "c.hairpin.internal").address == "10.3.2.4")
        #expect(try ask(c, "hub.hairpin.internal", 28).address == "fd00::1")
    }

    @Test func `are refused to others, with the missing side`() throws {
        defer { hub.stop() }
        let refused = try [ask(c, "b.hairpin.internal"), ask(a, "c.hairpin.internal"), ask(b, "c.hairpin.internal"), ask(a, "lost.hairpin.internal")]
        #expect(refused.map(\.code) == [5, 5, 5, 5])
        #expect(refused[0].text == "your allowed IPs do not hold b")
        #expect(refused[1].text == "c does not list you in its allowed IPs")
        #expect(refused[2].text == "your allowed IPs do not hold c")
        #expect(refused[3].text == "no device owns the address of lost")
        #expect(try ask(a, "example.org").code == 5)
        #expect(try ask(a, "d.hairpin.internal").code == 3)
    }

    @Test func `of addresses behind a device follow the same rules`() throws {
        defer { hub.stop() }
        #expect(try ask(b, "camera.hairpin.internal").text == "your allowed IPs do not hold camera")
        var configuration = b.configuration(reaching: ["10.3.2.2/32", "192.168.7.0/24"])
        configuration.ownedPrefixes.append(IPPrefix("fd00::3/128")!)
        _ = hub.engine.apply([.update(configuration)], generation: 2)
        #expect(try ask(b, "camera.hairpin.internal").address == "192.168.7.9")
    }

    @Test func `change with the rules and with the generation`() throws {
        defer { hub.stop() }
        var configuration = b.configuration(reaching: [])
        configuration.isEnabled = false
        _ = hub.engine.apply([.update(configuration)], generation: 2)
        #expect(try ask(a, "b.hairpin.internal").text == "b is disabled or expired")
        _ = hub.engine.apply([], zone: Self.zone(b: "new"), generation: 3)
        #expect(try ask(a, "b.hairpin.internal").code == 3)
        _ = hub.engine.apply([], generation: 4)
        #expect(try ask(a, "a.hairpin.internal").address == "10.3.2.2")
        #expect(hub.engine.appliedGeneration == 4)
        _ = hub.engine.apply([], zone: .some(nil), generation: 5)
        a.send(Question.packet(from: "10.3.2.2", to: "10.3.2.1", Question.bytes("a.hairpin.internal", 1)))
        #expect(a.receive().map { Array($0[20..<22]) } == [3, 3])
    }

    @Test func `are answered on port 53 of the hub only, and only over UDP`() throws {
        defer { hub.stop() }
        var elsewhere = Question.packet(from: "10.3.2.2", to: "10.3.2.1", Question.bytes("a.hairpin.internal", 1))
        elsewhere[23] = 54
        a.send(elsewhere)
        #expect(a.receive().map { Array($0[20..<22]) } == [3, 3])
        var segment = Packet.syn(from: "10.3.2.2", to: "10.3.2.1", segmentSize: 1360)
        segment[23] = 53
        segment[22] = 0
        a.send(segment)
        #expect(a.receive()?[33] == 0x14)
        // A question to a device is its own business.
        let toB = Question.packet(from: "10.3.2.2", to: "10.3.2.3", Question.bytes("a.hairpin.internal", 1))
        a.send(toB)
        #expect(b.receive().map { Array($0[20...].prefix(8)) } == Array(toB[20..<28]))
    }

    @Test func `are no answer to what is no question`() throws {
        defer { hub.stop() }
        a.send(Question.packet(from: "10.3.2.2", to: "10.3.2.1", [1, 2, 3]))
        var answer = Question.bytes("a.hairpin.internal", 1)
        answer[2] |= 0x80
        a.send(Question.packet(from: "10.3.2.2", to: "10.3.2.1", answer))
        #expect(eventually { hub.engine.status().drops == [.badNameQuery: 2] })
        #expect(a.receive(timeout: .milliseconds(100)) == nil)
    }

    @Test func `that do not fit the device's MTU are truncated`() throws {
        defer { hub.stop() }
        var configuration = a.configuration(reaching: ["10.3.2.0/24"], mtu: 28 + 12 + 24 + 11)
        configuration.ownedPrefixes = [IPPrefix("10.3.2.2/32")!]
        _ = hub.engine.apply([.update(configuration)], generation: 2)
        a.send(Question.packet(from: "10.3.2.2", to: "10.3.2.1", Question.bytes("b.hairpin.internal", 1)))
        let reply = try #require(a.receive())
        // One that is too short for the question itself stays without an answer.
        #expect(reply[30] & 2 == 2 && reply[35] == 0)
        a.send(Question.packet(from: "10.3.2.2", to: "10.3.2.1", Question.bytes("longer.hairpin.internal", 1)))
        #expect(eventually { hub.engine.status().drops == [.badNameQuery: 1] })
    }
}

@Suite struct `The budget for names` {
    private static let window: UInt64 = 10_000_000

    private func time(_ window: UInt64) -> Instant { Instant(nanoseconds: 1_000_000_000 + window * Self.window) }

    /// How many questions of one peer, and then of others, are answered in a window after one with so many relayed packets.
    private func answered(afterRelaying packets: UInt64, asking: Int = 10_000) -> (own: Int, others: Int) {
        var budget = NameBudget()
        var routed: UInt64 = 1
        _ = budget.allows(1, routed: routed, now: time(0))
        routed += packets
        var counts = (own: 0, others: 0)
        for number in 0..<asking {
            routed += 1
            let isOwn = number < asking / 2
            if budget.allows(isOwn ? 1 : UInt32(2 + number), routed: routed, now: time(1)) {
                if isOwn { counts.own += 1 } else { counts.others += 1 }
            }
        }
        return counts
    }

    @Test func `has no limit while little is relayed, whatever is asked`() {
        #expect(answered(afterRelaying: 0) == (5000, 5000))
        #expect(answered(afterRelaying: NameBudget.busy - 1) == (5000, 5000))
    }

    @Test func `is a 25th of what is relayed, and a quarter of that for one peer`() {
        let (own, others) = answered(afterRelaying: 5000, asking: 200)
        #expect(own == 50)
        #expect(others == 100)
        let least = answered(afterRelaying: NameBudget.busy)
        #expect(least.own == 5)
    }

    @Test func `does not count answers as relayed packets`() {
        var budget = NameBudget()
        var routed: UInt64 = 0
        for window in 0..<4 as Range<UInt64> {
            for _ in 0..<1000 {
                routed += 1
                let isAllowed = budget.allows(1, routed: routed, now: time(window))
                #expect(isAllowed)
            }
        }
    }

    @Test func `is for the last window, or for the average of longer pauses`() {
        var budget = NameBudget()
        _ = budget.allows(1, routed: 1, now: time(0))
        // 5,000 packets in a hundred windows are few.
        for number in 0..<100 as Range<UInt64> {
            let isAllowed = budget.allows(1, routed: 5002 + number, now: time(100))
            #expect(isAllowed)
        }
    }
}

/// Questions for names in packets.
enum Question {
    static let port: UInt16 = 0x3039

    static func bytes(_ name: String, _ type: UInt16) -> [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1] + labels + [0, UInt8(type >> 8), UInt8(type & 255), 0, 1]
            + [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]
    }

    static func packet(from source: String, to destination: String, _ payload: [UInt8]) -> [UInt8] {
        guard IPAddress(source)!.isV4 else {
            let length = UInt16(8 + payload.count)
            var packet = Packet.ipv6(
                from: source, to: destination, payload: [0x30, 0x39, 0, 53, UInt8(length >> 8), UInt8(length & 255), 0, 0] + payload)
            packet[6] = 17
            return packet
        }
        var packet = Packet.ipv4(from: source, to: destination, payload: payload)
        (packet[22], packet[23]) = (0, 53)
        return packet
    }
}
