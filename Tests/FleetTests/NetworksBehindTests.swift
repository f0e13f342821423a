// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Support
import Testing

@Suite struct `Networks behind a device` {
    private let router = Device.sample("router", 2, routes: ["192.168.7.0/24", "fd07::/64", "0.0.0.0/0"])

    private func behind(_ device: Device) -> NetworksBehind? { NetworksBehind(device, hub: .sample()) }

    @Test func `are its routes, without those for the whole Internet`() {
        #expect(behind(router)?.networks.map(\.description) == ["192.168.7.0/24", "fd07::/64"])
        #expect(behind(.sample("exit", 3, routes: ["0.0.0.0/0", "::/0"])) == nil)
        #expect(behind(.sample("nas", 3)) == nil)
    }

    @Test func `need commands for their families only`() throws {
        let both = try #require(behind(router))
        #expect(both.forwarding == ["sysctl -w net.ipv4.ip_forward=1", "sysctl -w net.ipv6.conf.all.forwarding=1"])
        #expect(
            both.masquerade.suffix(2) == [
                "nft add rule inet hairpin_lan postrouting ip saddr != 192.168.7.0/24 ip daddr 192.168.7.0/24 masquerade",
                "nft add rule inet hairpin_lan postrouting ip6 saddr != fd07::/64 ip6 daddr fd07::/64 masquerade",
            ])
        #expect(both.returning.map(\.description) == ["10.3.2.0/24", "fd00::3:2:0/120"])
        let v4 = try #require(behind(.sample("v4", 3, routes: ["192.168.9.0/24"])))
        #expect(v4.forwarding == ["sysctl -w net.ipv4.ip_forward=1"])
        #expect(v4.masquerade.count == 3)
        #expect(v4.returning.map(\.description) == ["10.3.2.0/24"])
    }

    @Test func `are offered to linked devices that do not list them`() throws {
        let others: [Device] = [
            .sample("plain", 3), .sample("lists", 4, reaching: ["10.3.2.0/24", "192.168.0.0/16"]),
            .sample("part", 5, reaching: ["10.3.2.0/24", "192.168.7.0/25"]), .sample("stranger", 6, reaching: ["10.3.2.9/32"]),
            .sample("off", 7, enabled: false), .sample("v6", 8, ipv4: nil, ipv6: "fd00::3:2:8"),
        ]
        let offers = try #require(behind(router)).offers(in: .sample([router] + others))
        // IPv6 is offered to nobody, because the router has no such address.
        #expect(offers.map { "\($0.device.name) \($0.missing.map(\.description))" } == ["plain [\"192.168.7.0/24\"]", "part [\"192.168.7.0/24\"]"])
    }
}
