// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Testing

@testable import Relay

@Suite struct `The hub as a host` {
    private static let payload = (0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 3) }

    private func connected(_ change: (inout EngineConfiguration) -> Void = { _ in }) throws -> (Hub, TestPeer) {
        let hub = try Hub(change)
        let a = hub.peer("10.3.2.2")
        var configuration = a.configuration(reaching: [])
        configuration.ownedPrefixes.append(IPPrefix("fd00::2/128")!)
        _ = hub.engine.apply(
            [.add(configuration, PeerMemory())], hubAddresses: ["10.3.2.1", "fd00::1"].compactMap { IPAddress($0) }, generation: 1)
        try #require(a.connect())
        return (hub, a)
    }

    @Test func `WG-H-22 refuses UDP with port unreachable and TCP with a reset`() throws {
        let (hub, a) = try connected()
        defer { hub.stop() }
        let datagram = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1")
        a.send(datagram)
        let error = try #require(a.receive())
        #expect(error[9] == 1)
        #expect(Array(error[20..<22]) == [3, 3])
        #expect(Array(error[12..<16]) == [10, 3, 2, 1])
        #expect(Array(error[28..<28 + datagram.count]) == datagram)
        a.send(Packet.syn(from: "10.3.2.2", to: "10.3.2.1", segmentSize: 1360))
        let reset = try #require(a.receive())
        // To port 0xC000, from 443: acknowledges the SYN.
        #expect(reset[9] == 6)
        #expect(Array(reset[20..<24]) == [1, 0xBB, 0xC0, 0])
        #expect(reset[33] == 0x14)
        #expect(Array(reset[28..<32]) == [0, 0, 0, 2])
        #expect(eventually { hub.engine.status().drops == [.hubServiceUnknown: 2] })
    }

    @Test func `WG-H-22 refuses over IPv6, too`() throws {
        let (hub, a) = try connected()
        defer { hub.stop() }
        var datagram = Packet.ipv6(from: "fd00::2", to: "fd00::1", payload: [0, 1, 0, 2, 0, 8, 0, 0])
        datagram[6] = 17
        a.send(datagram)
        #expect(a.receive().map { Array($0[40..<42]) } == [1, 4])
        // A protocol that it does not know.
        a.send(Packet.ipv6(from: "fd00::2", to: "fd00::1", payload: [1, 2, 3, 4]))
        #expect(a.receive().map { Array($0[40..<42]) } == [4, 1])
        let syn: [UInt8] = [0xC0, 0, 1, 0xBB, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xFF, 0xFF, 0, 0, 0, 0]
        var segment = Packet.ipv6(from: "fd00::2", to: "fd00::1", payload: syn)
        segment[6] = 6
        a.send(segment)
        #expect(a.receive().map { [$0[6], $0[53]] } == [6, 0x14])
    }

    @Test func `WG-H-22 refuses UDP in silence where ICMP errors are off, and TCP as ever`() throws {
        let (hub, a) = try connected { $0.sendsICMPErrors = false }
        defer { hub.stop() }
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive(timeout: .milliseconds(200)) == nil)
        a.send(Packet.syn(from: "10.3.2.2", to: "10.3.2.1", segmentSize: 1360))
        #expect(a.receive()?[33] == 0x14)
    }

    @Test(arguments: [false, true])
    func `WG-H-22 answers a ping in fragments with fragments`(isReordered: Bool) throws {
        let (hub, a) = try connected()
        defer { hub.stop() }
        for fragment in order(fragments(of: Packet.echo(from: "10.3.2.2", to: "10.3.2.1", payload: Self.payload), mtu: 1400), isReordered) {
            a.send(fragment)
        }
        let reply = try #require(whole(a))
        #expect(reply[20] == 0)
        #expect(Array(reply[12..<20]) == Packet.bytes("10.3.2.1") + Packet.bytes("10.3.2.2"))
        #expect(Array(reply[28...]) == Self.payload)
        #expect(checksum(reply[20...]) == 0)
        #expect(hub.engine.status().drops == [:])
    }

    /// The payload of an IPv6 ping with its checksum.
    private func echo6(_ data: [UInt8]) -> [UInt8] {
        var packet = Packet.ipv6(from: "fd00::2", to: "fd00::1", payload: [128, 0, 0, 0, 0, 7, 0, 1] + data)
        let pseudo = Array(packet[8..<40]) + [0, 0, packet[4], packet[5], 0, 0, 0, 58]
        let sum = checksum(pseudo + packet[40...])
        (packet[42], packet[43]) = (UInt8(sum >> 8), UInt8(sum & 255))
        return Array(packet[40...])
    }

    private func packet6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var packet = Packet.ipv6(from: "fd00::2", to: "fd00::1", payload: payload)
        packet[6] = next
        return packet
    }

    /// Hop-by-hop options, destination options, a fragment header of a packet that is whole, and that before destination options.
    @Test(
        arguments: [
            (0, [58, 0, 1, 4, 0, 0, 0, 0]), (60, [58, 0, 1, 4, 0, 0, 0, 0]), (44, [58, 0, 0, 0, 0, 0, 0, 9]),
            (44, [60, 0, 0, 0, 0, 0, 0, 9, 58, 0, 1, 4, 0, 0, 0, 0]),
        ] as [(UInt8, [UInt8])])
    func `WG-H-22 answers an IPv6 ping behind extension headers`(next: UInt8, headers: [UInt8]) throws {
        let (hub, a) = try connected()
        defer { hub.stop() }
        a.send(packet6(next, headers + echo6([1, 2, 3, 4])))
        let reply = try #require(a.receive())
        #expect(reply[6] == 58 && reply[40] == 129 && Array(reply[48..<52]) == [1, 2, 3, 4] && reply[5] == 12)
        #expect(checksum(Array(reply[8..<40]) + [0, 0, reply[4], reply[5], 0, 0, 0, 58] + reply[40..<52]) == 0)
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-H-22 charges a fragment that gives way to others to its own sender`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let peers = (2..<7).map { hub.peer("10.3.2.\($0)") }
        _ = hub.engine.apply(
            peers.map { .add($0.configuration(reaching: []), PeerMemory()) }, hubAddresses: [IPAddress("10.3.2.1")!], generation: 1)
        for peer in peers { try #require(peer.connect()) }
        var first = try #require(fragments(of: Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1", payload: Self.payload), mtu: 1400).first)
        for (index, peer) in peers.enumerated() {
            first[15] = UInt8(index + 2)
            for number in 0..<4 as Range<UInt8> {
                first[5] = number
                peer.send(first)
            }
            #expect(eventually { hub.engine.control.locked { hub.engine.control.reassembly.count } == min(16, 4 * (index + 1)) })
        }
        #expect(eventually { hub.engine.dropped(.reassemblyFailed) == 4 })
        let status = hub.engine.status()
        let charged = peers.map { peer in status.peers.first { $0.publicKey == peer.publicKey }?.drops[.reassemblyFailed] ?? 0 }
        #expect(charged == [4, 0, 0, 0, 0])
    }

    @Test func `WG-H-22 answers an IPv6 ping in fragments with fragments`() throws {
        let (hub, a) = try connected()
        defer { hub.stop() }
        for fragment in fragments(of: packet6(58, echo6(Self.payload)), mtu: 1280) { a.send(fragment) }
        let reply = try #require(whole(a))
        #expect(reply[6] == 58)
        #expect(reply[40] == 129)
        #expect(Array(reply[48...]) == Self.payload)
        #expect(checksum(Array(reply[8..<40]) + [0, 0, reply[4], reply[5], 0, 0, 0, 58] + reply[40...]) == 0)
    }

    @Test func `WG-H-22 refuses a UDP datagram in fragments once it is whole`() throws {
        let (hub, a) = try connected()
        defer { hub.stop() }
        for fragment in fragments(of: Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1", payload: Self.payload), mtu: 1400) { a.send(fragment) }
        #expect(a.receive().map { Array($0[20..<22]) } == [3, 3])
        #expect(eventually { hub.engine.status().drops == [.hubServiceUnknown: 1] })
    }

    @Test func `WG-H-22 is not exhausted by fragments that never become whole`() throws {
        let (hub, a) = try connected()
        defer { hub.stop() }
        let first = try #require(fragments(of: Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1", payload: Self.payload), mtu: 1400).first)
        for number in 0..<200 as Range<UInt8> {
            var fragment = first
            fragment[5] = number
            a.send(fragment)
            if number % 20 == 0 { Linux.Thread.sleep(.milliseconds(5)) }
        }
        #expect(eventually { hub.engine.dropped(.reassemblyFailed) == 196 })
        for fragment in fragments(of: Packet.echo(from: "10.3.2.2", to: "10.3.2.1", payload: Self.payload), mtu: 1400) { a.send(fragment) }
        #expect(whole(a).map { Array($0[28...]) } == Self.payload)
        // When the peer goes, so does what waits.
        _ = hub.engine.apply([.remove(a.publicKey)], generation: 2)
        #expect(hub.engine.control.locked { hub.engine.control.reassembly.count } == 0)
    }

    private func order(_ fragments: [[UInt8]], _ isReordered: Bool) -> [[UInt8]] { isReordered ? fragments.reversed() : fragments }

    private func fragments(of packet: [UInt8], mtu: Int) -> [[UInt8]] {
        var packet = packet
        var all: [[UInt8]] = []
        packet.withUnsafeMutableBytes { buffer in
            guard let packet = try? IPPacket(at: buffer.baseAddress!, available: buffer.count) else { return }
            let next = { (write: (UnsafeMutableRawPointer) -> Int) in
                all.append([UInt8](unsafeUninitializedCapacity: mtu) { $1 = write($0.baseAddress!) })
            }
            if var v4 = IPv4Fragments(of: packet, mtu: mtu) { while !v4.isDone { next { v4.writeNext(to: $0) } } }
            if var v6 = IPv6Fragments(of: packet, mtu: mtu, identification: 77) { while !v6.isDone { next { v6.writeNext(to: $0) } } }
        }
        return all
    }

    /// The packet that arrives in fragments, none longer than what was sent.
    private func whole(_ peer: TestPeer) -> [UInt8]? {
        var reassembly = Reassembly()
        while var fragment = peer.receive() {
            let outcome = fragment.withUnsafeMutableBytes { buffer in
                (try? IPPacket(at: buffer.baseAddress!, available: buffer.count)).map { ($0.byteCount, reassembly.add($0, from: 1, now: .now())) }
            }
            guard let outcome, outcome.0 <= 1400, outcome.1 != .dropped(1) else { return nil }
            if case .whole(let whole) = outcome.1 { return whole.bytes }
        }
        return nil
    }

    private func checksum(_ bytes: some Collection<UInt8>) -> UInt16 {
        let bytes = Array(bytes)
        return Checksum.finish(bytes.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: $0.count) })
    }
}
