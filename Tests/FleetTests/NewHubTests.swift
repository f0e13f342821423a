// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

struct `A new hub` {
    @Test func `has the values that it was given`() throws {
        let hub = NewHub(
            ipv4Network: IPPrefix("10.9.0.0/16"), ipv6Network: IPPrefix("fd09::/64"), endpoint: HostPort("hub.example.org"),
            addresses: ["198.51.100.7"], besides: ["10.9.1.0/24"])
        #expect(hub.defaults.allowedIPs == [IPPrefix("10.9.0.0/16"), IPPrefix("fd09::/64")])
        #expect(hub.defaults.endpoint?.description == "hub.example.org")
        #expect((hub.ipv4Network, hub.ipv6Network) == (IPPrefix("10.9.0.0/16"), IPPrefix("fd09::/64")))
        #expect(hub.defaults.persistentKeepalive == 25)
    }

    @Test func `gets default networks that hide no network of the host, and its likeliest address`() throws {
        let hub = NewHub(
            addresses: ["198.51.100.7", "192.168.1.2"].compactMap { IPAddress($0) },
            besides: ["10.3.0.0/16", "fd00::3:2:0/112"].compactMap { IPPrefix($0) })
        #expect(hub.ipv4Network == IPPrefix("10.4.2.0/24"))
        #expect(hub.ipv6Network == IPPrefix("fd00::4:2:0/120"))
        #expect(hub.defaults.endpoint?.description == "198.51.100.7")
        #expect(NewHub(addresses: [], besides: []).defaults.endpoint == nil)
    }

    @Test func `has no IPv6 network if it must not`() {
        let hub = NewHub(isWithoutIPv6: true, addresses: [], besides: [])
        #expect(hub.ipv6Network == nil)
        #expect(hub.defaults.allowedIPs == [hub.ipv4Network])
    }
}
