// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing
import WireGuard

@testable import Relay

@Suite struct `Datagrams` {
    @Test func `WG-F-9 of any length and content do no harm`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        try #require(a.connect())
        let socket = LoopbackSocket()
        var sent: UInt64 = 0
        for byteCount in [0, 1, 4, 31, 32, 63, 64, 65, 147, 148, 149, 1500, 9000, 65_507] {
            for type: UInt8 in [0, 1, 2, 3, 4, 255] {
                let bytes = [type, 0, 0, 0].prefix(byteCount) + [UInt8](repeating: type, count: max(0, byteCount - 4))
                if socket.send(Array(bytes), to: hub.engine.listen) { sent += 1 }
                if sent % 20 == 0 { Linux.Thread.sleep(.milliseconds(2)) }
            }
        }
        #expect(sent == 84)
        // The initiation and the keepalive of A arrived before.
        #expect(eventually { hub.engine.status().datagramsReceived == sent + 2 && hub.engine.status().drops.values.reduce(0, +) == sent })
        a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
        #expect(a.receive() != nil)
    }

    @Test func `WG-F-10 in one train are handled one by one, whatever their type, even a short last one`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        // 116 bytes inside make a message as long as an initiation.
        let packets = (0..<3).map { Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8](repeating: UInt8($0), count: 88)) }
        let messages = packets.map { a.seal($0) }
        let train =
            messages[0] + junk(type: 1, byteCount: 148, for: hub.engine.publicKey) + messages[1] + [9] + [UInt8](repeating: 0, count: 147)
            + messages[2] + a.seal([])
        try #require(LoopbackSocket().send(train, to: hub.engine.listen, segmentByteCount: 148))
        #expect((0..<3).map { _ in b.receive()?[28] } == [0, 1, 2])
        #expect(eventually { hub.engine.status().drops == [.shortOrUnknownType: 1, .badHandshakeTag: 1] })
        #expect(hub.engine.status().datagramsReceived == 4 + 6)
        #expect(a.faults == [])
        #expect(b.faults == [])
    }

    @Test func `WG-F-10 in one train may number more than 64`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let socket = LoopbackSocket()
        var sent = 0
        // A kernel before 6.9 splits into 64 at most.
        for count in [128, 64] where sent == 0 {
            let train = (0..<count).flatMap {
                a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8($0), 0, 0, 0]), counter: UInt64(1000 + $0))
            }
            if socket.send(train, to: hub.engine.listen, segmentByteCount: 64) { sent = count }
        }
        try #require(sent >= 64)
        #expect((0..<sent).map { _ in b.receive().map { Int($0[28]) } } == Array(0..<sent))
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-W-6 that are copies from many ports are accepted once`() throws {
        let hub = try Hub(workers: 2)
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let sockets = (0..<16).map { _ in LoopbackSocket() }
        for round in 0..<50 {
            let message = a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(round)]))
            for socket in sockets { socket.send(message, to: hub.engine.listen) }
        }
        #expect((0..<50).map { _ in b.receive() != nil }.allSatisfy { $0 })
        #expect(b.receive(timeout: .milliseconds(100)) == nil)
        #expect(eventually { hub.engine.status().drops == [.replayDuplicate: 50 * 15] })
    }

    @Test func `WG-S-12 sealed by two workers at once never use a counter twice`() throws {
        let hub = try Hub(workers: 2)
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let sockets = (0..<8).map { _ in LoopbackSocket() }
        for round in 0..<200 {
            for socket in sockets {
                socket.send(a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(round)])), to: hub.engine.listen)
            }
            for _ in sockets { #expect(b.receive() != nil) }
        }
        #expect(b.faults == [])
        #expect(hub.engine.status().drops == [:])
    }

    @Test func `WG-D-5 of one flow leave in the order of their arrival, with ascending counters`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        var counters: [UInt64] = []
        for round in 0..<10 {
            for number in 0..<40 { a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(round), UInt8(number)])) }
            for number in 0..<40 {
                #expect(b.receive().map { Array($0[28..<30]) } == [UInt8(round), UInt8(number)])
                counters.append(b.last.counter)
            }
        }
        #expect(counters == Array(counters[0]..<counters[0] + 400))
    }

    @Test func `WG-D-8 WG-D-2 carry AF41 in handshakes, nothing in keepalives and cookies`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let socket = LoopbackSocket()
        let a = hub.peer("10.3.2.2")
        _ = hub.engine.apply(
            [.add(a.configuration(reaching: [], keepalive: .seconds(25)), PeerMemory(endpoint: socket.endpoint))], generation: 1)
        let initiation = try #require(socket.receive())
        #expect(initiation.bytes.count == 148)
        #expect(initiation.typeOfService == 0x88)
        var reply: (bytes: [UInt8], typeOfService: UInt8)?
        hub.engine.shared.queue.useUpCredit()
        hub.engine.holdingHandshakes {
            for _ in 0..<600 { socket.send(junk(type: 1, byteCount: 148, for: hub.engine.publicKey), to: hub.engine.listen) }
            reply = socket.receive()
        }
        #expect(reply?.bytes.count == 64)
        #expect(reply?.typeOfService == 0)
    }

    @Test(arguments: [
        (ECN.ect0, ECN.congestionExperienced, ECN.congestionExperienced, ECN.ect0), (.ect0, .ect1, .ect1, .ect1),
        (.notECT, .congestionExperienced, .notECT, .notECT), (.ect1, .notECT, .ect1, .ect1),
    ])
    func `WG-D-9 WG-D-10 carry congestion marks into the inner header and out again`(inner: ECN, outer: ECN, innerAfter: ECN, outerAfter: ECN) throws
    {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        a.sendRaw(a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", tos: 0xB8 | inner.rawValue)), ecn: outer)
        let packet = try #require(b.receive())
        #expect(packet[1] == 0xB8 | innerAfter.rawValue)
        #expect(b.last.ecn == outerAfter.rawValue)
        #expect(Checksum.finish(packet.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: 20) }) == 0)
    }

    @Test func `WG-X-6 of the largest size are relayed`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let packet = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8](repeating: 7, count: 34_816))
        a.send(packet)
        #expect(b.receive()?.prefix(packet.count).dropFirst(12) == packet.dropFirst(12))
    }

    @Test func `WG-H-13 larger than the receiver's MTU are answered with that MTU`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        _ = hub.engine.apply([.update(b.configuration(reaching: ["10.3.2.2/32"], mtu: 1300))], generation: 2)
        var packet = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8](repeating: 7, count: 1301 - 28))
        packet[6] = 0x40
        a.send(packet)
        let error = try #require(a.receive())
        #expect(error[20] == 3)
        #expect(error[21] == 4)
        #expect(Array(error[26..<28]) == [5, 20])
        #expect(eventually { hub.engine.status().drops == [.tooBig: 1] })
    }
}
