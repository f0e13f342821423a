// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Loopback
import Net
import Testing

@testable import Linux

/// Each test has a network namespace of its own, which goes when its thread does.
@Suite(.enabled(if: NetworkNamespace.canBeMade, "needs root to make network namespaces"))
struct `In a network namespace` {
    @Test func `the monitor reports an address that is added and removed`() throws {
        try NetworkNamespace.inNew { _ in
            try makeLink()
            var monitor = try NetlinkMonitor()
            try ip("address add 192.0.2.9/24 dev hairpin0")
            let added = try monitor.drain()
            try ip("address del 192.0.2.9/24 dev hairpin0")
            let removed = try monitor.drain()

            let address = InterfaceAddress(
                address: IPAddress("192.0.2.9")!, prefixLength: 24, interfaceIndex: if_nametoindex("hairpin0"),
                interfaceName: "hairpin0", scope: .global, isDeprecated: false, isTemporary: false, isTentative: false)
            #expect(added.contains(.addressAdded(address)))
            #expect(added.contains(.routesChanged))
            #expect(removed.contains(.addressRemoved(address)))
        }
    }

    @Test func `the monitor wakes a poller and reports a link that is added and removed`() throws {
        try NetworkNamespace.inNew { _ in
            var monitor = try NetlinkMonitor()
            var poller = try Poller()
            try poller.add(monitor.socket.descriptor, token: 1, for: .readable)
            #expect(try poller.wait(timeout: .zero) == 0)
            try makeLink()
            let index = if_nametoindex("hairpin0")
            let came = NetlinkEvent.linkChanged(interfaceIndex: index, interfaceName: "hairpin0", isRunning: true)
            let went = NetlinkEvent.linkChanged(interfaceIndex: index, interfaceName: "hairpin0", isRunning: false)
            var seen: [NetlinkEvent] = []
            // The kernel reports the carrier later, from its own thread.
            while try !seen.contains(came) && poller.wait(timeout: .seconds(5)) == 1 { seen += try monitor.drain() }
            #expect(seen.contains(came))
            try ip("link del hairpin0")
            #expect(try monitor.drain().last { if case .linkChanged(index, _, _) = $0 { true } else { false } } == went)
        }
    }

    @Test func `the monitor reports that it missed something`() throws {
        try NetworkNamespace.inNew { _ in
            try makeLink()
            var monitor = try NetlinkMonitor()
            // Some hundred bytes of kernel memory per event; the default socket buffer holds 212,992.
            for _ in 0..<2 {
                for operation in ["add", "del"] {
                    let addresses = (1...200).map { "address \(operation) 198.51.100.\($0)/32 dev hairpin0" }
                    try ip("-batch -", input: addresses.joined(separator: "\n"))
                }
            }
            #expect(try monitor.drain().contains(.overrun))
            try ip("address add 192.0.2.9/24 dev hairpin0")
            #expect(try monitor.drain().contains { if case .addressAdded = $0 { true } else { false } })
        }
    }

    @Test func `a dump of many addresses has all of them`() throws {
        try NetworkNamespace.inNew { _ in
            try makeLink()
            let addresses = (1...1000).map { "address add 10.0.\($0 / 250).\($0 % 250)/32 dev hairpin0" }
            try ip("-batch -", input: addresses.joined(separator: "\n"))
            #expect(try InterfaceAddress.all().filter(\.address.isV4).count == 1000)
        }
    }

    @Test func `a route has the gateway and the source that the kernel would choose`() throws {
        try NetworkNamespace.inNew { _ in
            try makeLink()
            try ip("address add 192.0.2.9/24 dev hairpin0")
            try ip("address add 2001:db8::9/64 dev hairpin0 nodad")
            try ip("route add default via 192.0.2.1")
            var routes = try RouteQueries()
            #expect(
                try routes.lookup(to: IPAddress("203.0.113.5")!)
                    == NetworkRoute(
                        interfaceIndex: if_nametoindex("hairpin0"), interfaceName: "hairpin0",
                        preferredSource: IPAddress("192.0.2.9"), gateway: IPAddress("192.0.2.1")))
            #expect(try routes.lookup(to: IPAddress("2001:db8::1")!)?.preferredSource == IPAddress("2001:db8::9"))
        }
    }

    @Test func `a route from one of two addresses is the one that its rule has, and an address that is gone has none`() throws {
        try NetworkNamespace.inNew { _ in
            try makeLink()
            try ip("link add second0 type veth peer name second1")
            for link in ["second0", "second1"] { try ip("link set \(link) up") }
            try ip("address add 192.0.2.9/24 dev hairpin0")
            try ip("address add 198.51.100.9/24 dev second0")
            try ip("route add default via 192.0.2.1")
            var routes = try RouteQueries()
            let (far, second) = (IPAddress("203.0.113.5")!, IPAddress("198.51.100.9")!)
            #expect(try routes.lookup(to: far, from: second)?.interfaceName == "hairpin0")
            try ip("route add default via 198.51.100.1 table 7")
            try ip("rule add from 198.51.100.9 table 7")
            #expect(try routes.lookup(to: far, from: second)?.interfaceName == "second0")
            #expect(try routes.lookup(to: far)?.interfaceName == "hairpin0")
            let (isSecondLocal, isFarLocal) = (routes.isLocal(second), routes.isLocal(far))
            #expect(isSecondLocal)
            #expect(!isFarLocal)
            try ip("address del 198.51.100.9/24 dev second0")
            let isStillLocal = routes.isLocal(second)
            #expect(!isStillLocal)
            #expect(try routes.lookup(to: far, from: second) == nil)
        }
    }

    @Test func `there is no route if none is configured or it refuses traffic`() throws {
        try NetworkNamespace.inNew { _ in
            var routes = try RouteQueries()
            #expect(try routes.lookup(to: IPAddress("203.0.113.5")!) == nil)
            #expect(try routes.lookup(to: IPAddress("2001:db8::1")!) == nil)
            try ip("link set lo up")
            try ip("route add unreachable 203.0.113.0/24")
            try ip("route add prohibit 198.51.100.0/24")
            #expect(try routes.lookup(to: IPAddress("203.0.113.5")!) == nil)
            #expect(try routes.lookup(to: IPAddress("198.51.100.5")!) == nil)
        }
    }
}

/// Makes the interface hairpin0, which is up and running.
private func makeLink() throws {
    try ip("link add hairpin0 type veth peer name hairpin1")
    try ip("link set hairpin1 up")
    try ip("link set hairpin0 up")
}
