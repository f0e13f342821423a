// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Relay
import Testing
import WireGuard

@Suite struct `Dropping` {
    @Test(arguments: [0, 1, 3, 31, 63, 65, 91, 93, 147, 149])
    func `WG-F-6 a datagram of the wrong length is dropped without an answer`(byteCount: Int) throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        a.sendRaw([UInt8](repeating: 1, count: min(byteCount, 1)) + [UInt8](repeating: 0, count: max(0, byteCount - 1)))
        #expect(eventually { hub.engine.dropped(.badLength) + hub.engine.dropped(.shortOrUnknownType) == 1 })
        #expect(a.receiveMessage(timeout: .milliseconds(100)) == nil)
    }

    @Test func `WG-M-1 a message with a wrong mac1 gets no answer`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        var initiation = a.sendInitiation()
        #expect(a.awaitSession())
        initiation[120] ^= 1
        a.sendRaw(initiation)
        #expect(eventually { hub.engine.status().drops == [.badMac1: 1] })
        #expect(a.receiveMessage(timeout: .milliseconds(100)) == nil)
    }

    @Test func `WG-N-10 an unknown key gets no answer`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        #expect(!hub.peer("10.3.2.2").connect(timeout: .milliseconds(200)))
        #expect(eventually { hub.engine.dropped(.unknownInitiator) == 1 })
    }

    @Test func `WG-W-5 a duplicate is dropped and does not move the endpoint`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let message = a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        a.sendRaw(message)
        #expect(b.receive() != nil)
        b.sendRaw(message)
        #expect(eventually { hub.engine.status().drops == [.replayDuplicate: 1] })
        #expect(b.receive(timeout: .milliseconds(100)) == nil)
        let status = hub.engine.status()
        #expect(status.peers.first { $0.publicKey == a.publicKey }?.endpoint == a.endpoint)
    }

    @Test func `WG-W-2 a forged packet with a huge counter does not move the window`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        var forged = a.seal(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"), counter: 1 << 40)
        forged[forged.count - 1] ^= 1
        a.sendRaw(forged)
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        #expect(b.receive() != nil)
        #expect(eventually { hub.engine.status().drops == [.badTag: 1] })
    }

    @Test func `WG-H-4 a destination that nobody owns is answered with host unreachable from the hub`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: ["10.3.2.0/24"])
        try #require(a.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.99"))
        let error = try #require(a.receive())
        #expect(error[9] == 1)
        #expect(error[20] == 3)
        #expect(error[21] == 1)
        #expect(Array(error[12..<16]) == [10, 3, 2, 1])
        #expect(eventually { hub.engine.status().drops == [.noRouteToPeer: 1] })
    }

    @Test func `WG-H-5 a peer that never connected is unreachable at once`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        hub.add(b, reaching: ["10.3.2.2/32"])
        try #require(a.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        let error = try #require(a.receive())
        #expect(error[20] == 3)
        #expect(error[21] == 1)
        #expect(eventually { hub.engine.status().drops == [.noEndpoint: 1] })
    }

    @Test func `a one-sided link is answered with administratively prohibited`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: ["10.3.2.3/32"])
        hub.add(b, reaching: [])
        try #require(a.connect() && b.connect())
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3"))
        let error = try #require(a.receive())
        #expect(error[20] == 3)
        #expect(error[21] == 13)
        #expect(b.receive(timeout: .milliseconds(100)) == nil)
        #expect(eventually { hub.engine.status().drops == [.notInReceiversAllowedIPs: 1] })
    }

    @Test func `WG-H-3 a TTL of one ends at the hub with time exceeded`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", ttl: 1))
        let error = try #require(a.receive())
        #expect(error[20] == 11)
        #expect(error[21] == 0)
    }

    @Test func `WG-X-3 an inner packet that claims more than it has is dropped but moves the endpoint`() throws {
        let hub = try Hub()
        defer { hub.stop() }
        let a = hub.peer("10.3.2.2")
        hub.add(a, reaching: [])
        try #require(a.connect())
        var packet = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1")
        packet[3] = 255
        a.send(packet)
        a.send([UInt8](repeating: 0, count: 16))
        #expect(a.receive(timeout: .milliseconds(100)) == nil)
        #expect(eventually { hub.engine.status().drops == [.badInnerLength: 1, .badInnerType: 1] })
    }
}
