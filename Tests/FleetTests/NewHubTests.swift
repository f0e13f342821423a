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
            addresses: [try #require(IPAddress("198.51.100.7"))], besides: [try #require(IPPrefix("10.9.1.0/24"))])
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
}

struct `A server's file as a hub` {
    private let file: ServerFile

    init() throws {
        let keys = (0..<4).map { _ in PrivateKey.generate().publicKey.base64 }
        file = try ServerFile(
            parsing: """
                [Interface]
                PrivateKey = \(Base64.encode([UInt8](repeating: 7, count: 32)))
                Address = 10.3.2.9/24, fd00::9/64
                ListenPort = 4500

                # laptop
                [Peer]
                PublicKey = \(keys[0])
                AllowedIPs = 10.3.2.2/32, fd00::2/128, 192.168.7.0/24, 10.3.2.3/32
                PersistentKeepalive = 15

                # Laptop
                [Peer]
                PublicKey = \(keys[1])
                AllowedIPs = 172.16.0.1/32

                [Peer]
                PublicKey = \(keys[2])

                # laptop-2
                [Peer]
                PublicKey = \(keys[3])
                """)
    }

    @Test func `keeps key, addresses and port`() throws {
        let hub = NewHub(file, addresses: [try #require(IPAddress("198.51.100.7"))])
        #expect(hub.privateKey.publicKey == file.privateKey.publicKey)
        #expect((hub.ipv4, hub.ipv6) == (IPAddress("10.3.2.9"), IPAddress("fd00::9")))
        #expect((hub.ipv4Network, hub.ipv6Network) == (IPPrefix("10.3.2.0/24"), IPPrefix("fd00::/64")))
        #expect(hub.defaults.endpoint?.description == "198.51.100.7:4500")
    }

    @Test func `makes a device from each peer`() throws {
        let devices = file.devices
        #expect(devices.map(\.name) == ["laptop", "Laptop-2", "device-3", "laptop-2-2"])
        #expect(devices[0].ipv4 == .own(try #require(IPAddress("10.3.2.2"))))
        #expect(devices[0].ipv6 == .own(try #require(IPAddress("fd00::2"))))
        #expect(devices[0].routes == ["192.168.7.0/24", "10.3.2.3/32"].compactMap { IPPrefix($0) })
        #expect(devices[0].overrides.persistentKeepalive == .own(15))
        // An address outside the server's networks is a route.
        #expect(devices[1].ipv4 == .none)
        #expect(devices[1].routes == [try #require(IPPrefix("172.16.0.1/32"))])
        #expect(devices[2].overrides.persistentKeepalive == .inherit)
    }
}
