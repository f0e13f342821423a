// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Loopback
import Net
import Testing

@testable import Relay

/// A hub with two uplinks to a machine at 192.0.2.9, each in a network namespace of its own:
///
///     hub  203.0.113.1 up0 ──── out0 203.0.113.9
///          198.51.100.1 up1 ── out1 198.51.100.9   192.0.2.9 lo
@Suite(.enabled(if: NetworkNamespace.canBeMade, "needs root to make network namespaces"))
struct `A hub with two uplinks` {
    private final class World {
        let outside: NetworkNamespace
        let inside: NetworkNamespace
        let hub: Hub
        let a: TestPeer
        let b: TestPeer

        init(outside: NetworkNamespace) throws {
            self.outside = outside
            try ip("link set lo up")
            try ip("address add 192.0.2.9/32 dev lo")
            inside = try NetworkNamespace.enterNew()
            try ip("link set lo up")
            for (number, network) in ["203.0.113", "198.51.100"].enumerated() {
                try ip("link add up\(number) type veth peer name out\(number) netns \(outside.path)")
                try ip("address add \(network).1/24 dev up\(number)")
                try ip("link set up\(number) up")
                try outside.enter()
                try ip("address add \(network).9/24 dev out\(number)")
                try ip("link set out\(number) up")
                try inside.enter()
            }
            try ip("route add 192.0.2.9 via 203.0.113.9")
            hub = try Hub(workers: 1, listen: "0.0.0.0:0")
            try outside.enter()
            let listen = hub.listen(at: "203.0.113.1")
            a = TestPeer("10.3.2.2", hub: hub.engine.publicKey, at: listen, bind: "192.0.2.9")
            b = TestPeer("10.3.2.3", hub: hub.engine.publicKey, at: listen, bind: "192.0.2.9")
            hub.add(a, reaching: ["10.3.2.3/32"])
            hub.add(b, reaching: ["10.3.2.2/32"])
            try inside.enter()
            try #require(a.connect() && b.connect())
        }

        /// The address from which the hub sends to `a` what it does not ask for.
        func sourceOfPackets() -> String? {
            b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
            return a.receive() == nil ? nil : a.last.source.endpoint?.address.description
        }

        /// The address from which the hub answers `a`.
        func sourceOfAnswers() -> String? {
            a.send(Packet.echo(from: "10.3.2.2", to: "10.3.2.1"))
            return a.receive() == nil ? nil : a.last.source.endpoint?.address.description
        }
    }

    private func run(_ body: @escaping @Sendable (World) throws -> Void) throws {
        try NetworkNamespace.inNew { outside in
            let world = try World(outside: outside)
            try body(world)
            world.hub.stop()
        }
    }

    @Test func `WG-E-6 sends from the other uplink as soon as the route uses that, whatever comes in on the first`() throws {
        try run { world in
            #expect(world.sourceOfPackets() == "203.0.113.1")
            try ip("route replace 192.0.2.9 via 198.51.100.9")
            world.hub.engine.networkChanged()
            #expect(world.sourceOfPackets() == "198.51.100.1")
            // The peer still writes to the first address.
            #expect(world.sourceOfAnswers() == "198.51.100.1")
            #expect(world.sourceOfPackets() == "198.51.100.1")
            // A new handshake is answered from there, too.
            world.a.forgetSession()
            Linux.Thread.sleep(.milliseconds(40))
            #expect(world.a.connect())
            #expect(world.a.last.source.endpoint?.address == IPAddress("198.51.100.1"))

            try ip("route replace 192.0.2.9 via 203.0.113.9")
            world.hub.engine.networkChanged()
            #expect(world.sourceOfAnswers() == "203.0.113.1")
            #expect(world.sourceOfPackets() == "203.0.113.1")
        }
    }

    @Test func `WG-E-5 WG-E-6 keeps the address that a peer writes to while its route stays`() throws {
        try run { world in
            try ip("address add 203.0.113.2/24 dev up0")
            try world.outside.enter()
            world.a.move(to: "192.0.2.9", hub: world.hub.listen(at: "203.0.113.2"))
            try world.inside.enter()
            #expect(world.sourceOfAnswers() == "203.0.113.2")
            // Something else changes.
            try ip("route add 192.0.2.77 via 198.51.100.9")
            world.hub.engine.networkChanged()
            #expect(world.sourceOfPackets() == "203.0.113.2")
        }
    }

    @Test func `WG-E-6 a sticky source that left the host is forgotten`() throws {
        try run { world in
            try ip("address add 203.0.113.2/24 dev up0")
            try world.outside.enter()
            world.a.move(to: "192.0.2.9", hub: world.hub.listen(at: "203.0.113.2"))
            try world.inside.enter()
            #expect(world.sourceOfAnswers() == "203.0.113.2")
            try ip("address del 203.0.113.2/24 dev up0")
            let path = { world.hub.engine.control.locked { world.hub.engine.control.sources(of: [world.a.publicKey]) }.first?.path }
            #expect(path()?.local.address(isV4: true) == IPAddress("203.0.113.2"))
            world.hub.engine.networkChanged()
            #expect(path() == nil)
            #expect(world.sourceOfPackets() == "203.0.113.1")
        }
    }

    @Test func `WG-E-5 WG-E-6 keeps the address of an uplink that has its own route by rule`() throws {
        try run { world in
            try ip("route add 192.0.2.9 via 203.0.113.9 table 7")
            try ip("rule add from 203.0.113.1 table 7")
            try ip("route replace 192.0.2.9 via 198.51.100.9")
            world.hub.engine.networkChanged()
            #expect(world.sourceOfPackets() == "203.0.113.1")
        }
    }
}
