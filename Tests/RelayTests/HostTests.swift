// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Loopback
import Net
import Testing

@testable import Relay

/// An engine with a TUN interface in a network namespace of its own, which is its host: 10.3.2.1, with the network 10.3.2.0/24.
@Suite(.enabled(if: NetworkNamespace.canBeMade, "needs root to make network namespaces"))
struct `The hub's host` {
    private struct World {
        let hub: Hub
        let socket: UDPSocketBox

        init(workers: Int = 1) throws {
            try ip("link set lo up")
            let device = try TUNDevice(name: "hp0", queues: workers)
            try ip("link set hp0 addrgenmode none")
            try ip("link set hp0 up mtu 1420")
            try ip("address add 10.3.2.1/24 dev hp0")
            hub = try Hub(workers: workers) { $0.host = device }
            socket = UDPSocketBox(try UDPSocket(bindingTo: Endpoint("10.3.2.1:12345")!, merging: false))
        }

        /// Sends datagrams from the host as one train.
        func send(_ datagrams: [[UInt8]], to endpoint: String) {
            socket.socket.sendTrain(datagrams, to: Endpoint(endpoint)!)
        }

        /// The next datagram at port 12345 of the host.
        func receive(timeout: Duration = .seconds(10)) -> [UInt8]? {
            let batch = UDPReceiveBatch()
            let deadline = Instant.now() + timeout
            while Instant.now() < deadline {
                if let count = try? socket.socket.receive(into: batch), count > 0 {
                    let train = batch.train(at: 0)
                    return Array(UnsafeRawBufferPointer(start: train.bytes, count: train.byteCount))
                }
                Linux.Thread.sleep(.milliseconds(1))
            }
            return nil
        }
    }

    private func run(workers: Int = 1, _ body: @escaping @Sendable (World) throws -> Void) throws {
        try NetworkNamespace.inNew { _ in
            let world = try World(workers: workers)
            defer { world.hub.stop() }
            try body(world)
        }
    }

    private func connected(_ world: World, reaching: [String] = ["10.3.2.0/24"], mtu: Int? = nil) throws -> TestPeer {
        let a = world.hub.peer("10.3.2.2")
        _ = world.hub.engine.apply([.add(a.configuration(reaching: reaching, mtu: mtu), PeerMemory())], generation: 1)
        try #require(a.connect())
        try #require(eventually { world.hub.engine.status().peers.allSatisfy(\.hasKeypair) })
        return a
    }

    /// Whether the transport checksum of an IPv4 packet is right.
    private func isIntact(_ packet: [UInt8]) -> Bool {
        var packet = packet
        return packet.withUnsafeMutableBytes { buffer in
            (try? IPPacket(at: buffer.baseAddress!, available: buffer.count)).flatMap { MergeablePacket($0)?.hasValidChecksum } == true
        }
    }

    @Test(arguments: [1, 2])
    func `WG-H-20 carries packets of a device to the host and back`(workers: Int) throws {
        try run(workers: workers) { world in
            let a = try connected(world)
            // The port in `Packet.ipv4`.
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1", payload: Array("to the host".utf8)))
            #expect(world.receive() == Array("to the host".utf8))
            world.send([Array("to a device".utf8)], to: "10.3.2.2:7")
            let packet = try #require(a.receive())
            #expect(Array(packet[28..<39]) == Array("to a device".utf8))
            #expect(isIntact(packet))
            // The host is the sender, so the hub is no router on the way.
            #expect(packet[8] == 64)
            // The host's own answer to a ping, and to a large one in fragments.
            a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
            let reply = try #require(a.receive())
            #expect(reply[9] == 1 && reply[20] == 0)
            #expect(world.hub.engine.status().drops == [:])
        }
    }

    @Test func `WG-H-24 passes what leaves to the host, and what the host passes on to the device`() throws {
        try run { world in
            let a = try connected(world, reaching: ["0.0.0.0/0"])
            // Somewhere outside: another namespace would do, but an address of the host is enough to see what arrives.
            try ip("address add 198.51.100.9/32 dev lo")
            a.send(Packet.echo(from: "10.3.2.2", to: "198.51.100.9"))
            #expect(a.receive().map { Array($0[20..<22]) } == [3, 1])
            #expect(eventually { world.hub.engine.status().drops == [.noRouteToPeer: 1] })
            world.hub.engine.lead([IPPrefix("0.0.0.0/0")!: .out, IPPrefix("10.3.2.0/24")!: .nowhere])
            a.send(Packet.echo(from: "10.3.2.2", to: "198.51.100.9"))
            let reply = try #require(a.receive())
            #expect(Array(reply[12..<16]) == [198, 51, 100, 9] && reply[20] == 0)
            // Rules take the other side for no member.
            _ = world.hub.engine.apply([], rules: PeerRules([.init(id: 1, number: 1, .deny, to: .internet)]), generation: 2)
            a.send(Packet.echo(from: "10.3.2.2", to: "198.51.100.9"))
            #expect(a.receive().map { Array($0[20..<22]) } == [3, 13])
            #expect(eventually { world.hub.engine.dropped(.ruleRefused) == 1 })
            _ = world.hub.engine.apply(
                [], rules: PeerRules([.init(id: 1, number: 1, .allow, from: .peers([a.publicKey]))], end: .deny), generation: 3)
            a.send(Packet.echo(from: "10.3.2.2", to: "198.51.100.9"))
            #expect(a.receive().map { $0[20] } == 0)
            _ = world.hub.engine.apply([], rules: PeerRules.none, generation: 4)
            // The way closes.
            world.hub.engine.lead([IPPrefix("0.0.0.0/0")!: .closed])
            a.send(Packet.echo(from: "10.3.2.2", to: "198.51.100.9"))
            #expect(a.receive().map { $0[20] } == 3)
            #expect(eventually { world.hub.engine.dropped(.noEgress) == 1 })
        }
    }

    @Test func `WG-H-20 leaves a device that does not list the hub to the hub`() throws {
        try run { world in
            let a = try connected(world, reaching: ["10.3.2.9/32"])
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1"))
            #expect(a.receive().map { Array($0[20..<22]) } == [3, 3])
            a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
            #expect(a.receive().map { $0[20] } == 0)
            #expect(world.receive(timeout: .milliseconds(100)) == nil)
            #expect(eventually { world.hub.engine.status().drops == [.hubServiceUnknown: 1] })
        }
    }

    @Test func `WG-H-20 keeps the host from a device that does not list the hub, and tells it`() throws {
        try run { world in
            let a = try connected(world, reaching: ["10.3.2.9/32"])
            world.send([[1]], to: "10.3.2.2:7")
            #expect(eventually { world.hub.engine.status().drops == [.notInReceiversAllowedIPs: 1] })
            #expect(a.receive(timeout: .milliseconds(100)) == nil)
            // An address that nobody has.
            world.send([[1]], to: "10.3.2.99:7")
            #expect(eventually { world.hub.engine.status().drops[.noRouteToPeer] == 1 })
            // The host learns why: its kernel counts what the hub said.
            let counted = try String(decoding: Files.read("/proc/thread-self/net/snmp"), as: UTF8.self)
                .split(separator: "\n").filter { $0.hasPrefix("Icmp:") }.map { $0.split(separator: " ") }
            let place = try #require(counted.first?.firstIndex(of: "InDestUnreachs"))
            #expect(counted.last?[place] == "2")
        }
    }

    @Test func `drops what has a source of somebody else, and goes on`() throws {
        try run { world in
            let a = try connected(world)
            try ip("address add 192.0.2.77/32 dev hp0")
            let other = try UDPSocket(bindingTo: Endpoint("192.0.2.77:12345")!, merging: false)
            other.sendTrain([[1]], to: Endpoint("10.3.2.2:7")!)
            #expect(eventually { world.hub.engine.status().drops == [.sourceNotAllowed: 1] })
            world.send([[2]], to: "10.3.2.2:7")
            #expect(a.receive().map { $0[28] } == 2)
        }
    }

    @Test(arguments: [(Rule.Action.reset, Errno.connectionRefused), (.deny, .hostUnreachable)])
    func `programs of the host learn at once that a rule refuses them`(action: Rule.Action, error: Errno) throws {
        try run { world in
            _ = try connected(world)
            let rule = PeerRules.Entry(id: 1, number: 1, action, from: .hub, service: TransportService("tcp 22")!)
            _ = world.hub.engine.apply([], rules: PeerRules([rule], end: .allow), generation: 2)
            let stream = try SocketStream(connectingTo: Endpoint("10.3.2.2:22")!)
            var found: Errno?
            // Asking for the error takes it from the socket.
            #expect(
                eventually {
                    found = found ?? stream.connectError
                    return found != nil
                })
            #expect(found == error)
            #expect(world.hub.engine.status().drops == [.ruleRefused: 1])
        }
    }

    @Test func `WG-H-20 cuts a super-packet of the host`() throws {
        try run { world in
            let a = try connected(world)
            let datagrams = (0..<20).map { number in (0..<(number == 19 ? 300 : 1000)).map { UInt8(truncatingIfNeeded: $0 &+ number) } }
            world.send(datagrams, to: "10.3.2.2:7")
            for datagram in datagrams {
                let packet = try #require(a.receive())
                #expect(Array(packet[28..<28 + datagram.count]) == datagram)
                #expect(isIntact(Array(packet[..<(28 + datagram.count)])))
            }
            #expect(a.faults == [])
        }
    }

    @Test func `WG-H-20 tells the host the MTU of a device`() throws {
        try run { world in
            let a = try connected(world, mtu: 1280)
            let large = [UInt8](repeating: 1, count: 1350)
            // The hub's sockets leave "don't fragment" out, so the kernel learns from the first packet that it must cut the next one.
            world.send([large], to: "10.3.2.2:7")
            let first = try #require(a.receive())
            let second = try #require(a.receive())
            #expect(first[6] & 0x20 != 0 && second[6] & 0x20 == 0)
            // A super-packet with longer segments is refused as a whole, and the host cuts smaller ones from then on.
            world.send([large, large], to: "10.3.2.2:7")
            #expect(eventually { world.hub.engine.status().drops[.tooBig] == 1 })
        }
    }

    @Test func `a packet that waits for a session is decided about again`() throws {
        try run { world in
            let a = world.hub.peer("10.3.2.2")
            _ = world.hub.engine.apply(
                [.add(a.configuration(reaching: ["10.3.2.0/24"]), PeerMemory(endpoint: a.endpoint))], generation: 1)
            world.send([[1]], to: "10.3.2.2:7")
            #expect(eventually { world.hub.engine.status().peers.first?.staged == 1 })
            _ = world.hub.engine.apply([.update(a.configuration(reaching: ["10.3.2.9/32"]))], generation: 2)
            #expect(a.awaitMessage(.initiation, count: 1))
            #expect(eventually { world.hub.engine.status().drops == [.notInReceiversAllowedIPs: 1] })
            #expect(a.receive(timeout: .milliseconds(100)) == nil)
        }
    }

    @Test func `the interface may be deleted while the hub runs`() throws {
        try run { world in
            let a = try connected(world)
            try ip("link delete hp0")
            a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
            // At the latest then, the hub answers itself.
            #expect(
                eventually {
                    a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
                    return a.receive(timeout: .milliseconds(50)).map { $0[20] } == 0
                })
        }
    }
}

/// So that it can be a field of a copyable value.
private final class UDPSocketBox: Sendable {
    let socket: UDPSocket
    init(_ socket: consuming UDPSocket) { self.socket = socket }
}
