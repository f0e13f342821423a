// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Glibc
import Loopback
import Net
import Testing

@testable import Linux

/// Each test has a network namespace of its own. What the kernel understood is read back with nft(8).
@Suite(.enabled(if: NetworkNamespace.canBeMade && access("/usr/sbin/nft", X_OK) == 0, "needs root and nft"))
struct `The packet filter` {
    private static let table = NFTable(
        "hairpin",
        chains: [
            NFChain(
                "forward", .filter, .forward, priority: 0,
                rules: [
                    NFRule(.openingTCP, .clampSegments),
                    NFRule(.to(interface: "hp0"), .established, .accept),
                    NFRule(.to(interface: "hp0"), .new, .translated, .accept),
                    NFRule(.from(interface: "hp0"), .source(prefix("10.3.2.0/23")), .counter, .accept, comment: "out"),
                    NFRule(.from(interface: "hp0"), .source(prefix("fd00::/64")), .counter(packets: 7, bytes: 700), .accept, comment: "out6"),
                    NFRule(.to(interface: "hp0"), .drop),
                ]),
            NFChain(
                "postrouting", .nat, .postrouting, priority: 100,
                rules: [NFRule(.source(prefix("10.3.2.0/23")), .notTo(interface: "hp0"), .masquerade)]),
            NFChain(
                "prerouting", .nat, .prerouting, priority: -100,
                rules: [
                    NFRule(
                        .toThisMachine, .family(isV4: true), .source(prefix("203.0.113.0/24")), .transport(6), .destinationPorts(8080...8080),
                        .translateDestination(IPAddress("10.3.2.7")!, port: 80)),
                    NFRule(.transport(17), .destinationPorts(5000...5009), .translateDestination(IPAddress("fd00::7")!, port: nil)),
                ]),
        ])

    @Test func `holds what a table says, as nft reads it`() throws {
        try NetworkNamespace.inNew { _ in
            var tables = try NFTables()
            try tables.replace(Self.table)
            let listed = try nft("list table inet hairpin")
            for line in [
                "type filter hook forward priority filter; policy accept;",
                "tcp flags syn / syn,rst tcp option maxseg size set rt mtu",
                #"oifname "hp0" ct state established,related accept"#,
                #"oifname "hp0" ct state new ct status dnat accept"#,
                #"iifname "hp0" ip saddr 10.3.2.0/23 counter packets 0 bytes 0 accept comment "out""#,
                #"iifname "hp0" ip6 saddr fd00::/64 counter packets 7 bytes 700 accept comment "out6""#,
                #"oifname "hp0" drop"#,
                "type nat hook postrouting priority srcnat; policy accept;",
                #"ip saddr 10.3.2.0/23 oifname != "hp0" masquerade"#,
                "type nat hook prerouting priority dstnat; policy accept;",
                "fib daddr type local meta nfproto ipv4 ip saddr 203.0.113.0/24 tcp dport 8080 dnat ip to 10.3.2.7:80",
                "udp dport 5000-5009 dnat ip6 to fd00::7",
            ] { #expect(listed.contains(line), "\(line)\n\(listed)") }
            let counts = try tables.counts(inTable: "hairpin")
            #expect(
                counts == [
                    NFCount(chain: "forward", comment: "out", packets: 0, bytes: 0),
                    NFCount(chain: "forward", comment: "out6", packets: 7, bytes: 700),
                ])
        }
    }

    @Test func `replaces and removes its own table and leaves the others as they are`() throws {
        try NetworkNamespace.inNew { _ in
            try nft("add table inet other")
            try nft("add chain inet other forward { type filter hook forward priority 10 ; policy drop ; }")
            try nft("add rule inet other forward tcp dport 22 counter accept")
            let before = try nft("list ruleset")
            var tables = try NFTables()
            try tables.removeTable("hairpin")
            try tables.replace(Self.table)
            try tables.replace(NFTable("hairpin", chains: [Self.table.chains[1]]))
            #expect(try nft("list table inet hairpin").components(separatedBy: "chain ").count == 2)
            let foreign = try tables.chains(withoutTable: "hairpin")
            #expect(foreign.map(\.description) == ["table inet other, chain forward"])
            #expect(foreign.first.map { $0.hook == .forward && $0.dropsTheRest && $0.priority == 10 } == true)
            try tables.removeTable("hairpin")
            #expect(try nft("list ruleset") == before)
            #expect(try tables.counts(inTable: "hairpin").isEmpty)
        }
    }

    @Test func `changes nothing if a part of a table is refused`() throws {
        try NetworkNamespace.inNew { _ in
            var tables = try NFTables()
            try tables.replace(Self.table)
            let before = try nft("list ruleset")
            // The kernel masquerades only after the route is known.
            let wrong = NFChain("early", .nat, .prerouting, priority: -100, rules: [NFRule(.masquerade)])
            #expect(throws: Errno.self) { try tables.replace(NFTable("hairpin", chains: [Self.table.chains[0], wrong])) }
            #expect(try nft("list ruleset") == before)
        }
    }

    @Test func `goes with its connection, and belongs to nobody else until then`() throws {
        try NetworkNamespace.inNew { _ in
            do {
                var tables = try NFTables()
                try tables.replace(Self.table)
                var second = try NFTables()
                #expect(throws: Errno.notPermitted) { try second.replace(Self.table) }
                #expect(throws: (any Error).self) { try nft("delete table inet hairpin") }
            }
            #expect(try nft("list ruleset").isEmpty)
        }
    }

    @Test func `tells who may not change it`() async {
        await #expect(processExitsWith: .success) {
            let namespace = try NetworkNamespace.enterNew()
            guard setresuid(65534, 65534, 65534) == 0 else { throw Errno(errno) }
            var tables = try NFTables()
            #expect(throws: Errno.notPermitted) { try tables.replace(NFTable("hairpin", chains: [])) }
            withExtendedLifetime(namespace) {}
        }
    }
}

private func prefix(_ text: String) -> IPPrefix { IPPrefix(text)! }
