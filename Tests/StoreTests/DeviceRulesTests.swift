// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store
import Words

struct `A device is refused` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    @Test(arguments: ["LAPTOP", "Straße", "STRASSE", "Caf\u{E9}", "CAFE\u{301}"])
    func `for a name that differs from another only in case or spelling`(name: String) throws {
        for taken in ["laptop", "strasse", "caf\u{E9}"] { try hub.add(.sample(taken)) }
        #expect(fieldErrors { try hub.add(.sample(name)) }?.map(\.field) == ["name"])
    }

    @Test(arguments: ["", " a", "a ", "a\nb", "a\u{202E}b", String(repeating: "a", count: 65), "a" + String(repeating: "\u{301}", count: 400)])
    func `for an invalid name`(name: String) throws {
        #expect(fieldErrors { try hub.add(.sample(name)) }?.map(\.field) == ["name"])
    }

    @Test func `not for a name of 64 characters`() throws {
        try hub.add(.sample(String(repeating: "é", count: 64)))
    }

    @Test func `for a public key that another has`() throws {
        let taken = try hub.add(.sample("laptop"))
        #expect(
            fieldErrors { try hub.add(.sample("tower", publicKey: taken.publicKey)) } == [
                FieldError("public_key", "laptop has this public key already. Every device needs a key of its own.")
            ])
    }

    @Test func `for a private key of another pair`() throws {
        let new = NewDevice(name: "laptop", publicKey: PrivateKey.generate().publicKey, privateKey: .generate())
        #expect(fieldErrors { try hub.add(new) }?.map(\.field) == ["public_key"])
    }

    @Test(arguments: [
        ("10.3.9.9", "10.3.9.9 is outside the hub's network 10.3.2.0/24."), ("10.3.2.1", "10.3.2.1 is the hub's own address."),
        ("10.3.2.0", "10.3.2.0 is the network address of 10.3.2.0/24."),
        ("10.3.2.255", "10.3.2.255 is the broadcast address of 10.3.2.0/24."), ("10.3.2.2", "10.3.2.2 belongs to laptop."),
        ("10.3.2.9", "10.3.2.9 is a route of laptop."), ("fd00::3:2:9", "fd00::3:2:9 is outside the hub's network 10.3.2.0/24."),
    ])
    func `for an IPv4 address it cannot have`(address: String, begin: String) throws {
        try hub.add(.sample("laptop", routes: ["10.3.2.9/32"]))
        let errors = try #require(fieldErrors { try hub.add(.sample("tower", ipv4: .own(IPAddress(address)!))) })
        #expect(errors.map(\.field) == ["ipv4"])
        #expect(errors[0].message.description.hasPrefix(begin))
    }

    @Test func `not for the last address of an IPv6 network, which has no broadcast`() throws {
        #expect(try hub.add(.sample("laptop", ipv6: .own("fd00::3:2:ff"))).ipv6 == "fd00::3:2:ff")
    }

    @Test func `for a route that another has, not for one inside it`() throws {
        try hub.add(.sample("office", routes: ["192.168.0.0/16"]))
        #expect(
            fieldErrors { try hub.add(.sample("branch", routes: ["192.168.0.0/16"])) } == [
                FieldError("routes", "192.168.0.0/16 is a route of office already. Remove it there first.")
            ])
        #expect(try hub.add(.sample("branch", routes: ["192.168.7.0/24"])).routes == ["192.168.7.0/24"])
    }

    @Test(arguments: [
        ("10.3.2.1/32", "10.3.2.1/32 is the hub's own address. Remove it here."),
        ("10.3.2.2/32", "10.3.2.2/32 is the address of laptop. Remove it here."),
        ("10.3.2.3/32", "10.3.2.3/32 belongs to this device already. Remove it here."),
    ])
    func `for a route that is somebody's address`(route: String, message: String) throws {
        try hub.add(.sample("laptop"))
        #expect(fieldErrors { try hub.add(.sample("tower", routes: [IPPrefix(route)!])) } == [FieldError("routes", Phrase(text: message))])
    }

    @Test(arguments: [
        ("224.0.0.0/4", "224.0.0.0/4"), ("239.1.2.3/32", "224.0.0.0/4"), ("255.255.255.255/32", "255.255.255.255/32"),
        ("127.0.0.1/32", "127.0.0.0/8"),
        ("0.0.0.0/8", "0.0.0.0/8"), ("0.0.0.0/32", "0.0.0.0/8"), ("ff02::/16", "ff00::/8"), ("::1/128", "::1/128"), ("::/128", "::/128"),
        ("::ffff:10.0.0.0/104", "::ffff:0.0.0.0/96"),
    ])
    func `WG-H-23 for a route to addresses that no machine has`(route: String, range: String) throws {
        let route = IPPrefix(route)!
        let message = "\(route) is part of \(IPPrefix(range)!), which is for multicast, loopback or other special uses. Remove it here."
        #expect(fieldErrors { try hub.add(.sample("laptop", routes: [route])) } == [FieldError("routes", Phrase(text: message))])
    }

    @Test(arguments: ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "::/1", "64:ff9b::/96", "169.254.169.254/32", "192.168.0.0/16"])
    func `not for a route that has such addresses among others, or is only unusual`(route: String) throws {
        #expect(try hub.add(.sample("laptop", routes: [IPPrefix(route)!])).routes == [IPPrefix(route)!])
    }

    @Test func `for an MTU out of range`() throws {
        for mtu in [575, 1501, -1] {
            #expect(fieldErrors { try hub.add(.sample("laptop", overrides: Overrides(mtu: .own(mtu)))) }?.map(\.field) == ["mtu"])
        }
        for (name, mtu) in [("a", 576), ("b", 1500)] { try hub.add(.sample(name, overrides: Overrides(mtu: .own(mtu)))) }
    }

    @Test func `with all its mistakes at once, and changes nothing`() throws {
        let before = try hub.read { try $0.generation() }
        let new = NewDevice.sample("", ipv4: .own("10.0.0.1"), routes: ["10.3.2.1/32"], overrides: Overrides(mtu: .own(1)))
        #expect(fieldErrors { try hub.add(new) }?.map(\.field) == ["name", "ipv4", "routes", "mtu"])
        #expect(try hub.read { try $0.generation() } == before)
    }

    @Test func `when the network is full`() throws {
        let small = try TemporaryHub(network: "10.0.0.0/30", network6: nil)
        #expect(try small.add(.sample("a")).ipv4 == "10.0.0.2")
        #expect(
            fieldErrors { try small.add(.sample("b")) } == [
                FieldError(
                    "ipv4", "The network 10.0.0.0/30 has no free address left. Remove a device, or give the hub a larger network.")
            ])
        #expect(try small.add(.sample("b", ipv4: .none)).ipv4 == nil)
    }

    @Test func `for an address of a family that the hub does not have`() throws {
        let small = try TemporaryHub(network6: nil)
        #expect(try small.add(.sample("a")).ipv6 == nil)
        #expect(fieldErrors { try small.add(.sample("b", ipv6: .own("fd00::2"))) }?.map(\.field) == ["ipv6"])
    }
}

struct `The lowest free address` {
    @Test func `steps over routes of single hosts`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("a", ipv4: .own("10.3.2.4"), routes: ["10.3.2.2/32", "10.3.2.3/32", "10.3.2.5/32"]))
        #expect(try hub.read { try $0.lowestFreeAddress(.v4) } == "10.3.2.6")
    }

    @Test func `agrees with a search by hand in random networks`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let pool = AddressPool("10.0.0.0/28", hub: "10.0.0.1")
            let devices = Set((0..<16).filter { _ in Bool.random(using: &generator) }.map { UInt32(0x0A00_0000 + $0) })
            let routed = Set((0..<16).filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }.map { UInt32(0x0A00_0000 + $0) })
            let naive = (2..<15).map { UInt32(0x0A00_0000 + $0) }.first { !devices.contains($0) && !routed.contains($0) }
            let found = pool.lowestFree(routed: Set(routed.map { .v4(IPv4Address(bits: $0)) })) { isTaken in
                for device in devices.sorted() where !isTaken(.v4(IPv4Address(bits: device))) { return }
            }
            #expect(found == naive.map { .v4(IPv4Address(bits: $0)) }, "devices \(devices.sorted()), routed \(routed.sorted())")
        }
    }
}
