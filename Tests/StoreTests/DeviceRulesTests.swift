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

    @Test(arguments: ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="])
    func `for a public key with which no handshake succeeds`(key: String) throws {
        let message = FieldError("public_key", "No device can connect with this public key. Give the one that wg pubkey prints.")
        let key = try #require(PublicKey(base64: key))
        #expect(fieldErrors { try hub.add(.sample("laptop", publicKey: key)) } == [message])
        let device = try hub.add(.sample("tower"))
        #expect(fieldErrors { _ = try hub.change { try $0.replaceKey(ofDevice: device.id, publicKey: key, privateKey: nil) } } == [message])
    }

    @Test func `for the hub's own public key`() throws {
        let key = try hub.read { try $0.hub() }.publicKey
        #expect(fieldErrors { try hub.add(.sample("laptop", publicKey: key)) }?.map(\.field) == ["public_key"])
        let device = try hub.add(.sample("tower"))
        #expect(
            fieldErrors { _ = try hub.change { try $0.replaceKey(ofDevice: device.id, publicKey: key, privateKey: nil) } }?.map(\.field) == [
                "public_key"
            ]
        )
    }

    @Test func `for a preshared key of zeros`() throws {
        let zeros = try #require(PresharedKey([UInt8](repeating: 0, count: 32)))
        let device = try hub.add(.sample("tower"))
        #expect(fieldErrors { _ = try hub.change { try $0.setPresharedKey(zeros, ofDevice: device.id) } }?.map(\.field) == ["preshared_key"])
        var new = NewDevice.sample("laptop")
        new.presharedKey = zeros
        #expect(fieldErrors { try hub.add(new) }?.map(\.field) == ["preshared_key"])
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

    @Test func `for a route that another has`() throws {
        try hub.add(.sample("office", routes: ["192.168.0.0/16"]))
        #expect(
            fieldErrors { try hub.add(.sample("branch", routes: ["192.168.0.0/16"])) } == [
                FieldError("routes", "192.168.0.0/16 is a route of office already. Remove it there first.")
            ])
    }

    @Test(arguments: [
        ("0.0.0.0/0", "0.0.0.0/0 covers the tunnel network 10.3.2.0/24 and so every device."),
        ("10.3.2.0/24", "10.3.2.0/24 covers the tunnel network 10.3.2.0/24 and so every device."),
        ("fd00::/16", "fd00::/16 covers the tunnel network fd00::3:2:0/120 and so every device."),
        ("10.3.2.8/29", "10.3.2.8/29 covers 10.3.2.9, the address of laptop."),
        ("fd00::3:2:8/125", "fd00::3:2:8/125 covers fd00::3:2:9, the address of laptop."),
        ("10.3.2.0/31", "10.3.2.0/31 covers 10.3.2.1, the hub's own address."),
        ("192.168.0.0/15", "192.168.0.0/15 overlaps 192.168.0.0/16, a route of laptop."),
        ("192.168.7.0/24", "192.168.7.0/24 overlaps 192.168.0.0/16, a route of laptop."),
        ("192.168.7.7/32", "192.168.7.7/32 overlaps 192.168.0.0/16, a route of laptop."),
        ("fd12:3::/48", "fd12:3::/48 overlaps fd12::/16, a route of laptop."),
    ])
    func `for a route that covers what another has, unless the overlap is allowed`(route: String, message: String) throws {
        let laptop = try hub.add(.sample("laptop", ipv4: .own("10.3.2.9"), ipv6: .own("fd00::3:2:9"), routes: ["192.168.0.0/16", "fd12::/16"]))
        // A disabled device keeps its addresses.
        try hub.change { try $0.setEnabled(false, devices: [laptop.id]) }
        var new = NewDevice.sample("tower", routes: [IPPrefix(route)!])
        let expected = [FieldError("routes", Phrase(text: "\(message) Give a smaller range, or allow the overlap."))]
        #expect(fieldErrors { try hub.add(new) } == expected)
        let plain = try hub.add(.sample("plain"))
        var edit = DeviceEdit()
        edit.routes = new.routes
        #expect(fieldErrors { _ = try hub.change { try $0.edit(plain.id, edit) } } == expected)

        new.allowsOverlap = true
        #expect(try hub.add(new).routes == new.routes)
        edit.allowsOverlap = true
        try hub.change { try $0.removeDevices([try #require(try $0.device(named: "tower")).id]) }
        #expect(try hub.change { try $0.edit(plain.id, edit) }.routes == new.routes)
        // Other edits need no further word.
        edit = DeviceEdit()
        edit.name = "renamed"
        #expect(try hub.change { try $0.edit(plain.id, edit) }.routes == new.routes)
    }

    @Test func `for an address inside a route of another device, unless the overlap is allowed`() throws {
        try hub.add(.sample("office", ipv4: .own("10.3.2.9"), routes: ["10.3.2.64/27"]))
        var new = NewDevice.sample("tower", ipv4: .own("10.3.2.70"))
        #expect(
            fieldErrors { try hub.add(new) } == [
                FieldError("ipv4", "10.3.2.70 is inside 10.3.2.64/27, a route of office. Choose another, or allow the overlap.")
            ])
        new.allowsOverlap = true
        let tower = try hub.add(new)
        var edit = DeviceEdit()
        edit.ipv4 = .own("10.3.2.71")
        #expect(fieldErrors { _ = try hub.change { try $0.edit(tower.id, edit) } }?.map(\.field) == ["ipv4"])
    }

    @Test func `not when an undo brings back an overlap that was allowed`() throws {
        let laptop = try hub.add(.sample("laptop"))
        var new = NewDevice.sample("tower", routes: ["10.3.2.0/28"])
        new.allowsOverlap = true
        let tower = try hub.add(new)
        var edit = DeviceEdit()
        edit.routes = []
        let changed = try hub.change { try $0.edit(tower.id, edit) }
        try hub.change { try $0.revert(changed.revision) }
        #expect(try hub.read { try $0.device(tower.id) }.routes == ["10.3.2.0/28"])
        #expect(try hub.read { try $0.device(laptop.id) }.ipv4 == "10.3.2.2")
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
        var device = NewDevice.sample("laptop", routes: [IPPrefix(route)!])
        // Some cover the tunnel network.
        device.allowsOverlap = true
        #expect(try hub.add(device).routes == [IPPrefix(route)!])
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
    @Test func `steps over routes`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("a", ipv4: .own("10.3.2.4"), routes: ["10.3.2.2/32", "10.3.2.3/32", "10.3.2.5/32", "10.3.2.6/31", "10.3.2.16/28"]))
        #expect(try hub.read { try $0.lowestFreeAddress(.v4) } == "10.3.2.8")
        for number in 8..<16 { try hub.add(.sample("device \(number)")) }
        #expect(try hub.read { try $0.lowestFreeAddress(.v4) } == "10.3.2.32")
    }

    @Test func `is there although a route covers the whole network`() throws {
        let hub = try TemporaryHub()
        var new = NewDevice.sample("exit", routes: ["0.0.0.0/0", "10.3.2.0/24"])
        new.allowsOverlap = true
        try hub.add(new)
        #expect(try hub.read { try $0.lowestFreeAddress(.v4) } == "10.3.2.3")
    }

    @Test func `agrees with a search by hand in random networks`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let pool = AddressPool("10.0.0.0/28", hub: "10.0.0.1")
            let devices = Set((0..<16).filter { _ in Bool.random(using: &generator) }.map { UInt32(0x0A00_0000 + $0) })
            let routed = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
                let address = IPAddress.v4(IPv4Address(bits: 0x0A00_0000 + UInt32.random(in: 0..<16, using: &generator)))
                return IPPrefix(address, length: Int.random(in: 29...32, using: &generator))!
            }
            let naive = (2..<15).map { UInt32(0x0A00_0000 + $0) }.first { bits in
                !devices.contains(bits) && !routed.contains { $0.contains(.v4(IPv4Address(bits: bits))) }
            }
            let found = pool.lowestFree(routed: routed) { isTaken in
                for device in devices.sorted() where !isTaken(.v4(IPv4Address(bits: device))) { return }
            }
            #expect(found == naive.map { .v4(IPv4Address(bits: $0)) }, "devices \(devices.sorted()), routed \(routed)")
        }
    }
}
