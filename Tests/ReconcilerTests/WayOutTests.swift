// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Glibc
import Linux
import Loopback
import Net
import Testing

@testable import Reconciler

/// Each test has a network namespace of its own, with the interface up0 to the Internet.
@Suite(.enabled(if: NetworkNamespace.canBeMade, "needs root to make network namespaces"))
struct `The way out` {
    private static let forwarding = KernelSetting("net", "ipv4", "ip_forward")

    private func run(_ body: @escaping @Sendable () throws -> Void) throws {
        try NetworkNamespace.inNew { _ in
            for line in ["link set lo up", "link add up0 type veth peer name up1", "link set up1 up", "link set up0 up"] { try ip(line) }
            try ip("address add 192.0.2.9/24 dev up0")
            try body()
        }
    }

    @Test func `follows the default routes, forwards while it is open, and puts everything back`() throws {
        try run {
            try? Self.forwarding.set("0")
            var way = WayOut(tun: "hp0")
            #expect(way.look() == WayOut.Finding())
            #expect(Self.forwarding.value == "0")
            try ip("route add default via 192.0.2.1")
            #expect(way.look() == WayOut.Finding(egress4: IPAddress("192.0.2.9")))
            #expect(Self.forwarding.value == "1")
            try ip("address add 2001:db8::9/64 dev up0 nodad")
            try ip("route add default via 2001:db8::1")
            #expect(way.look() == WayOut.Finding(egress4: IPAddress("192.0.2.9"), egress6: IPAddress("2001:db8::9")))
            // Otherwise the host would lose an IPv6 default route that it has from a router.
            #expect(KernelSetting("net", "ipv6", "conf", "up0", "accept_ra").value == "2")
            try ip("route delete default")
            #expect(way.look().egress4 == nil)
            way.close()
            #expect(Self.forwarding.value == "0")
            #expect(KernelSetting("net", "ipv6", "conf", "all", "forwarding").value == "0")
            #expect(KernelSetting("net", "ipv6", "conf", "up0", "accept_ra").value == "1")
            var tables = try NFTables()
            #expect(try tables.chains(withoutTable: "") == [])
        }
    }

    @Test func `is no route that leads into the tunnel`() throws {
        try run {
            for line in ["link add hp0 type veth peer name hp1", "link set hp1 up", "link set hp0 up"] { try ip(line) }
            try ip("address add 10.3.2.1/24 dev hp0")
            try ip("route add default dev hp0")
            var way = WayOut(tun: "hp0")
            #expect(way.look() == WayOut.Finding())
            way.close()
        }
    }

    @Test(.enabled(if: access("/usr/sbin/nft", X_OK) == 0, "needs nft"))
    func `names a firewall that drops, until one of its rules names the interface`() throws {
        try run {
            try ip("route add default via 192.0.2.1")
            try nft("add table inet filter")
            try nft("add chain inet filter forward { type filter hook forward priority 0 ; policy drop ; }")
            var way = WayOut(tun: "hp0")
            #expect(way.look().trouble == .droppedBy(chain: "table inet filter, chain forward"))
            try nft("add rule inet filter forward iifname hp0 accept")
            #expect(way.look().trouble == nil)
            way.close()
        }
    }

    @Test func `leaves forwarding on where it was on before`() throws {
        try run {
            try Self.forwarding.set("1")
            try ip("route add default via 192.0.2.1")
            var way = WayOut(tun: "hp0")
            #expect(way.look().egress4 != nil)
            way.close()
            #expect(Self.forwarding.value == "1")
        }
    }

    @Test func `names the table that another hub has taken`() throws {
        try run {
            try ip("route add default via 192.0.2.1")
            var first = WayOut(tun: "hp0")
            var second = WayOut(tun: "hp1")
            #expect(first.look().trouble == nil)
            let found = second.look()
            #expect(found.egress4 == nil)
            #expect(found.trouble == .noFilter(error: Errno.notPermitted.description))
            first.close()
            #expect(second.look().trouble == nil)
            second.close()
        }
    }

    @Test func `gives the command that sets what the hub may not set`() {
        #expect(Self.forwarding.command("1") == "sysctl -w net.ipv4.ip_forward=1")
        #expect(KernelSetting("net", "ipv6", "conf", "eth0.7", "accept_ra").command("2") == "sysctl -w net/ipv6/conf/eth0.7/accept_ra=2")
    }
}
