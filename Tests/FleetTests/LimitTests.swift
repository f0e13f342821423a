// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Support
import Testing
import Words

@testable import Fleet

/// Every limit of the domain, tried with exactly as much as it allows and with one more.
@Suite struct `A limit of the domain` {
    /// A thing of a given size, and whether the rules take it.
    struct Limit: Sendable, CustomTestStringConvertible {
        let name: String
        let allowed: ClosedRange<Int>
        let takes: @Sendable (_ count: Int) -> Bool
        var testDescription: String { name }
    }

    private static func x(_ count: Int) -> String { String(repeating: "x", count: count) }

    private static func settings(_ name: SettingName, _ text: String) -> Bool {
        var settings = Settings()
        return name.read(text, into: &settings) == nil && settings.errors.isEmpty
    }

    private static func overrides(_ name: SettingName, _ text: String) -> Bool {
        var own = Overrides()
        return name.read(text, into: &own) == nil && own.errors.isEmpty
    }

    private static func prefixes(_ count: Int) -> String { (0..<count).map { "10.\($0 / 256).\($0 % 256).0/24" }.joined(separator: ", ") }
    private static func servers(_ count: Int) -> String { (0..<count).map { "10.9.\($0 / 256).\($0 % 256)" }.joined(separator: ", ") }

    static let all: [Limit] = [
        Limit(name: "characters of a name", allowed: 1...64) { TextRules.nameProblem(x($0)) == nil },
        Limit(name: "characters of a description", allowed: 0...1_000) { TextRules.descriptionProblem(x($0)) == nil },
        Limit(name: "characters of a tag", allowed: 1...32) { Tag(x($0)) != nil },
        Limit(name: "characters of a password", allowed: 12...128) { count in
            // Letters that no rule calls a word, a row of keys or a repetition.
            PasswordRules.problem(String((0..<count).map { Character(Unicode.Scalar(UInt8(0x21 + $0 * 37 % 89))) }), context: []) == nil
        },
        Limit(name: "tags of a device", allowed: 0...16) { count in
            var rules = DeviceRules(.nobody)
            rules.check((0..<count).compactMap { Tag("t\($0)") })
            return rules.errors.isEmpty
        },
        Limit(name: "routes of a device", allowed: 0...128) { count in
            var rules = DeviceRules(.nobody)
            try? rules.check(routes: (0..<count).compactMap { IPPrefix("192.168.\($0).0/24") }, own: [], hub: .sample)
            return rules.errors.isEmpty
        },
        Limit(name: "bytes of an MTU", allowed: 576...1_500) { settings(.mtu, "\($0)") && overrides(.mtu, "\($0)") },
        Limit(name: "seconds of a keepalive", allowed: 0...65_535) {
            settings(.persistentKeepalive, "\($0)") && overrides(.persistentKeepalive, "\($0)")
        },
        Limit(name: "allowed IPs", allowed: 0...512) { settings(.allowedIPs, prefixes($0)) && overrides(.allowedIPs, prefixes($0)) },
        Limit(name: "DNS servers", allowed: 0...512) { settings(.dns, servers($0)) && overrides(.dns, servers($0)) },
        Limit(name: "MTU of a device with IPv6", allowed: 1_280...1_500) { count in
            var device = Device.sample("b", 3, ipv6: "fd00::3:2:3")
            device.overrides.mtu = .own(count)
            let a = Device.sample("a", 2, ipv6: "fd00::3:2:2")
            return count <= 1_500 && Doctor(from: a, to: device, in: .sample([a, device])).checks.first { $0.name == "mtu" }?.ok == true
        },
    ]

    @Test(arguments: all)
    func `allows what it says, and not one more or less`(limit: Limit) {
        #expect(limit.takes(limit.allowed.lowerBound), "\(limit.allowed.lowerBound)")
        #expect(limit.takes(limit.allowed.upperBound), "\(limit.allowed.upperBound)")
        #expect(!limit.takes(limit.allowed.upperBound + 1), "\(limit.allowed.upperBound + 1)")
        if limit.allowed.lowerBound > 0 { #expect(!limit.takes(limit.allowed.lowerBound - 1), "\(limit.allowed.lowerBound - 1)") }
    }

    @Test func `of the addresses of a network leaves out its own, the hub's and the last one`() throws {
        let pool = AddressPool("10.3.2.0/29", hub: "10.3.2.1")
        let taken = (0...8).map { IPAddress("10.3.2.\($0)")! }.filter { pool.problem(with: $0) == nil }
        #expect(taken.map(\.description) == ["10.3.2.2", "10.3.2.3", "10.3.2.4", "10.3.2.5", "10.3.2.6"])
        var given: [IPAddress] = []
        while let next = pool.lowestFree(routed: [], forEachTaken: { body in for address in given where !body(address) { return } }) {
            given.append(next)
            try #require(given.count < 9)
        }
        #expect(given == taken)
        // A route of another device reserves what it covers, whatever its length.
        #expect(pool.lowestFree(routed: ["10.3.2.2/31"]) { _ in }?.description == "10.3.2.4")
        #expect(pool.lowestFree(routed: ["10.3.2.4/32", "10.3.2.2/31"]) { _ in }?.description == "10.3.2.5")
    }

    @Test func `of a time is the first second after it`() {
        let device = Device.sample("a", 2, expiresAt: 100)
        #expect([98, 99, 100, 101].map { device.isActive(at: $0) } == [true, true, false, false])
    }
}

/// What one device may not have because of another one or of the hub.
@Suite struct `A value that is taken` {
    private func problems(_ holders: DeviceRules.Holders, allowsOverlap: Bool = false, _ check: (inout DeviceRules) throws -> Void) throws -> [String]
    {
        var rules = DeviceRules(holders, allowsOverlap: allowsOverlap)
        try check(&rules)
        return rules.errors.map(\.field)
    }

    @Test func `is refused at its field, each of them`() throws {
        var holders = DeviceRules.Holders.nobody
        let (hub, key) = (Hub.sample, PrivateKey.generate().publicKey)
        holders.ofName = { $0 == "nas" ? "Nas" : nil }
        #expect(try problems(holders) { try $0.check(name: "NAS", description: "") } == ["name"])
        #expect(try problems(holders) { try $0.check(name: "nas2", description: "") } == [])
        holders.ofPublicKey = { $0 == key ? "nas" : nil }
        #expect(try problems(holders) { try $0.check(publicKey: key, hub: hub) } == ["public_key"])
        #expect(try problems(holders) { try $0.check(publicKey: hub.publicKey, hub: hub) } == ["public_key"])
        #expect(try problems(holders) { try $0.check(publicKey: PrivateKey.generate().publicKey, hub: hub) } == [])
        holders.ofAddress = { $0 == "10.3.2.9" ? "nas" : nil }
        #expect(try problems(holders) { try $0.check("10.3.2.9", .v4, hub: hub) } == ["ipv4"])
        #expect(try problems(holders) { try $0.check("10.3.2.8", .v4, hub: hub) } == [])
        #expect(try problems(holders) { try $0.check(routes: ["10.3.2.9/32"], own: [], hub: hub) } == ["routes"])
    }

    @Test func `is refused in the range of a route unless that is allowed`() throws {
        var holders = DeviceRules.Holders.nobody
        holders.ofAddressIn = { $0.contains("172.20.0.9" as IPAddress) ? ("nas", "172.20.0.9") : nil }
        holders.ofRouteOverlapping = { $0.overlaps("172.21.0.0/24") ? ("nas", "172.21.0.0/24") : nil }
        for route in ["172.20.0.0/28", "172.21.0.0/16", "10.3.0.0/16", "10.3.2.0/28"] as [IPPrefix] {
            #expect(try problems(holders) { try $0.check(routes: [route], own: [], hub: .sample) } == ["routes"], "\(route)")
            #expect(try problems(holders, allowsOverlap: true) { try $0.check(routes: [route], own: [], hub: .sample) } == [], "\(route)")
            #expect(try problems(holders) { try $0.check(routes: [route], own: [], hub: .sample, unchanged: [route]) } == [], "\(route)")
        }
        #expect(try problems(holders) { try $0.check(routes: ["172.22.0.0/16"], own: [], hub: .sample) } == [])
    }

    @Test func `is a preshared key of zeros, which stands for none`() throws {
        let zero = try #require(PresharedKey([UInt8](repeating: 0, count: 32)))
        #expect(try problems(.nobody) { $0.check(zero) } == ["preshared_key"])
        #expect(try problems(.nobody) { $0.check(PresharedKey.generate()) } == [])
    }
}

extension DeviceRules.Holders {
    /// Nobody else has anything.
    fileprivate static var nobody: Self {
        Self(
            ofName: { _ in nil }, ofPublicKey: { _ in nil }, ofAddress: { _ in nil }, ofRoute: { _ in nil }, ofAddressIn: { _ in nil },
            ofRouteOverlapping: { _ in nil })
    }
}

extension Hub {
    fileprivate static var sample: Hub { Overview.sample([]).hub }
}
