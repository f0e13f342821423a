// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Store
import Testing

@testable import Fleet
@testable import Portal

private func prefixes(_ texts: String...) -> [IPPrefix] { texts.compactMap { IPPrefix($0) } }

extension TestSite {
    fileprivate func relation(_ a: Device, _ b: Device) throws -> Reachability.Relation {
        try database.read {
            let devices = try $0.devices()
            guard let a = devices.first(where: { $0.id == a.id }), let b = devices.first(where: { $0.id == b.id }) else { return .none }
            return try Reachability(devices: devices, defaults: $0.defaults(), hub: $0.hub(), now: World.start).relation(a, b)
        }
    }

    fileprivate func newest() throws -> Int64 { try database.read { try $0.generation().desired } }

    fileprivate func setDefaults(_ edit: (inout Settings) -> Void) throws {
        try database.change(by: .system, at: World.start) {
            var defaults = try $0.defaults()
            edit(&defaults.settings)
            try $0.update(defaults)
        }
    }

    fileprivate func tag(_ device: Device, _ word: String) throws {
        try database.change(by: .system, at: World.start) {
            var edited = try $0.device(device.id)
            edited.tags = [Tag(word)!]
            try $0.update(edited)
        }
    }
}

@Suite struct `Linking two devices` {
    @Test func `shows what it would do, then edits both lists in one change that can be undone`() throws {
        let hub = try TestSite()
        let (nas, gateway) = (try hub.add("nas", reaching: []), try hub.add("office gw", reaching: ["192.168.0.0/16"]))
        let browser = try hub.signedIn()
        let before = try hub.newest()
        let asked = try browser.get("/links?a=nas&b=office%20gw")
        #expect(asked.status == 200)
        #expect(asked.text.contains("nas and office gw reach each other"))
        #expect(asked.text.contains("No session ends."))
        #expect(try hub.newest() == before)

        let answer = try browser.post("/links", ["a": "NAS", "b": "office gw", "do": "link"])
        #expect(answer.location == "/changes/\(before + 1)?done=saved")
        #expect(try hub.newest() == before + 1)
        #expect(try hub.device(nas.id).overrides.allowedIPs == .own(prefixes("10.3.2.3/32", "fd00::3:2:3/128")))
        #expect(try hub.device(gateway.id).overrides.allowedIPs == .own(prefixes("192.168.0.0/16", "10.3.2.2/32", "fd00::3:2:2/128")))
        #expect(try hub.relation(nas, gateway) == .both)

        let page = try browser.get("/changes/\(before + 1)").text
        #expect(page.contains("Changed nas"))
        #expect(page.contains("Changed office gw"))
        #expect(page.contains("nas and office gw no longer reach each other"))
        #expect(try browser.post("/changes/\(before + 1)/revert", on: "/changes/\(before + 1)").location == "/changes/\(before + 2)?done=reverted")
        #expect(try hub.device(nas.id).overrides == nas.overrides)
        #expect(try hub.device(gateway.id).overrides == gateway.overrides)
    }

    @Test func `that reach each other already changes nothing`() throws {
        let hub = try TestSite()
        try hub.add("a")
        try hub.add("b")
        let before = try hub.newest()
        #expect(try hub.signedIn().get("/links?a=a&b=b").text.contains("Nothing changes."))
        #expect(try hub.signedIn().post("/links", ["a": "a", "b": "b", "do": "link"]).location == "/reachability?done=saved")
        #expect(try hub.newest() == before)
    }

    @Test func `that follow an insufficient default gives them lists of their own, and says so`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        try hub.setDefaults { $0.allowedIPs = prefixes("10.3.2.9/32") }
        let page = try hub.signedIn().get("/links?a=a&b=b").text
        #expect(page.contains("a: Allowed IPs: default → 10.3.2.9/32, 10.3.2.3/32, fd00::3:2:3/128"))
        _ = try hub.signedIn().post("/links", ["a": "a", "b": "b", "do": "link"])
        #expect(try hub.device(a.id).overrides.allowedIPs == .own(prefixes("10.3.2.9/32", "10.3.2.3/32", "fd00::3:2:3/128")))
        #expect(try hub.relation(a, b) == .both)
    }

    @Test func `is refused with a message if a device is unknown, missing or the same`() throws {
        let hub = try TestSite()
        for name in ["a", "b"] { try hub.add(name) }
        let browser = try hub.signedIn()
        for (a, b, message) in [
            ("a", "zebra", "There is no device “zebra”."), ("a", "", "Name at least one device."), ("a", "a", "A link is between two devices."),
            ("a", "tag:field", "No device has the tag field."), ("tag:a/b", "a", "is not a valid tag"),
        ] {
            let answer = try browser.post("/links", ["a": a, "b": b, "do": "link"])
            #expect(answer.status == 422)
            #expect(answer.text.contains(message), "\(message)")
        }
    }

    @Test func `includes the networks behind them only if asked`() throws {
        let hub = try TestSite()
        let (a, _) = (try hub.add("a", reaching: []), try hub.add("b", reaching: [], routes: ["192.168.7.0/24"]))
        _ = try hub.signedIn().post("/links", ["a": "a", "b": "b", "do": "link", "routes": "on"])
        #expect(try hub.device(a.id).overrides.allowedIPs == .own(prefixes("10.3.2.3/32", "fd00::3:2:3/128", "192.168.7.0/24")))
    }

    @Test func `needs an admin`() throws {
        let hub = try TestSite()
        #expect(try hub.signedIn(role: .viewer).get("/links").status == 403)
    }
}

@Suite struct `Unlinking two devices` {
    @Test func `removes each from the other's list`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a", reaching: []), try hub.add("b", reaching: ["192.168.0.0/16"]))
        for action in ["link", "unlink"] { _ = try hub.signedIn().post("/links", ["a": "a", "b": "b", "do": action]) }
        #expect(try hub.device(a.id).overrides.allowedIPs == .own([]))
        #expect(try hub.device(b.id).overrides.allowedIPs == .own(prefixes("192.168.0.0/16")))
    }

    @Test func `that list each other by a wide prefix leaves out just the other`() throws {
        let hub = try TestSite()
        let (a, b, c) = (try hub.add("a"), try hub.add("b"), try hub.add("c"))
        _ = try hub.signedIn().post("/links", ["a": "a", "b": "b", "do": "unlink"])
        #expect(try hub.relation(a, b) == .none)
        #expect(try hub.relation(a, c) == .both)
        #expect(try hub.relation(b, c) == .both)
    }

    @Test func `of which one lists everything does not change that list`() throws {
        let hub = try TestSite()
        let (admin, node) = (try hub.add("admin"), try hub.add("node", reaching: ["10.3.2.2/32", "fd00::3:2:2/128"]))
        let page = try hub.signedIn().get("/links?a=admin&b=node&do=unlink").text
        #expect(page.contains("admin and node no longer reach each other: node does not list admin"))
        _ = try hub.signedIn().post("/links", ["a": "admin", "b": "node", "do": "unlink"])
        #expect(try hub.device(admin.id).overrides == Overrides())
        #expect(try hub.relation(admin, node) == .out)
    }

    @Test func `keeps everything of a prefix except the one address`() throws {
        for _ in 0..<200 {
            let host = IPAddress.v4(IPv4Address(bits: .random(in: 0...UInt32.max)))
            let prefix = IPPrefix(host, length: Int.random(in: 20...32))!
            let parts = prefix.leavingOut(host)
            #expect(parts.count == 32 - prefix.length)
            #expect(!parts.contains { $0.contains(host) })
            #expect(parts.reduce(1) { $0 + (1 << (32 - $1.length)) } == 1 << (32 - prefix.length), "\(prefix) without \(host): \(parts)")
        }
        #expect(IPPrefix("fd00::/126").leavingOut(IPAddress("fd00::2")) == prefixes("fd00::/127", "fd00::3/128"))
    }
}

@Suite struct `Groups of devices` {
    @Test func `are linked by tag: the admin reaches all of them, and they do not reach each other`() throws {
        let hub = try TestSite()
        let admin = try hub.add("admin", reaching: [])
        let nodes = try (1...3).map { try hub.add("node \($0)", reaching: []) }
        for node in nodes { try hub.tag(node, "field") }
        let other = try hub.add("other", reaching: [])
        _ = try hub.signedIn().post("/links", ["a": "admin", "b": "tag:field", "do": "link"])
        for node in nodes { #expect(try hub.relation(admin, node) == .both) }
        #expect(try hub.relation(nodes[0], nodes[1]) == .none)
        #expect(try hub.relation(admin, other) == .none)
        let change = try hub.database.read { try $0.change(hub.newest()) }
        #expect(change.entries.count == 4)
    }

    @Test func `may be listed as the hub's whole networks`() throws {
        let hub = try TestSite()
        let admin = try hub.add("admin", reaching: [])
        let node = try hub.add("node", reaching: [])
        _ = try hub.signedIn().post("/links", ["a": "admin", "b": "node", "do": "link", "networks": "on"])
        #expect(try hub.device(admin.id).overrides.allowedIPs == .own(prefixes("10.3.2.0/24", "fd00::3:2:0/120")))
        #expect(try hub.device(node.id).overrides.allowedIPs == .own(prefixes("10.3.2.2/32", "fd00::3:2:2/128")))
    }

    @Test func `that are too many for one list say what to do, and nothing is saved`() throws {
        let hub = try TestSite()
        let admin = try hub.add("admin", reaching: [])
        for number in 0..<5 {
            try hub.add("node \(number)", reaching: [], routes: (0..<120).map { "172.16.\(number * 32 + $0 / 8).\($0 % 8 * 32)/27" })
        }
        let before = try hub.newest()
        let answer = try hub.signedIn().post("/links", ["a": "admin", "b": "all", "do": "link", "routes": "on"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("admin would list more than 512 prefixes."))
        #expect(try hub.newest() == before)
        #expect(try hub.device(admin.id) == admin)
    }
}

@Suite struct `Links by the API` {
    @Test func `are made, ended and undone`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a", reaching: []), try hub.add("b", reaching: []))
        let api = try hub.api(.devices, .settings, .read)
        let tried = try api.send("POST", "/links", ["a": [.string(a.id)], "b": [.string(b.id)], "dry_run": true]).json()
        #expect(tried["links_gained"] == 1)
        #expect(tried["generation"] == .null)
        #expect(try hub.relation(a, b) == .none)
        let made = try api.send("POST", "/links", ["a": [.string(a.id)], "b": "b"]).json()
        #expect(made["changed"] == [.string(a.id), .string(b.id)])
        #expect(try hub.relation(a, b) == .both)
        let generation = try #require(made["generation"]?.integer)
        #expect(try api.send("POST", "/links", ["a": "a", "b": "b", "linked": false]).json()["links_lost"] == 1)
        #expect(try api.send("POST", "/changes/\(generation)/revert").status == 409)
        #expect(try api.send("POST", "/changes/\(generation + 1)/revert").json()["links_gained"] == 1)
        #expect(try hub.relation(a, b) == .both)
        #expect(try api.send("POST", "/links", ["a": "a", "b": "zebra"]).status == 422)
        #expect(try hub.api(.read).send("POST", "/links", ["a": "a", "b": "b"]).status == 403)
    }
}

@Suite struct `The census of links` {
    /// Compares with checking every pair, for random lists, addresses and states. A failure prints the seed.
    @Test func `counts the same as checking pair by pair`() throws {
        let hub = try TestSite()
        let devices = try (0..<14).map { try hub.add("d\($0)") }
        let (defaults, settings) = try hub.database.read { (try $0.defaults(), try $0.hub()) }
        for seed in UInt64(0)..<60 {
            var random = SplitMix(state: seed)
            let before = devices.map { Self.shuffled($0, devices, &random) }
            let after = before.map { Bool.random(using: &random) ? Self.shuffled($0, devices, &random) : $0 }
            // Every other hub has rules.
            let rules = seed % 2 == 0 ? RuleList.none : Self.rules(devices, &random)
            let was = Reachability(devices: before, defaults: defaults, hub: settings, rules: rules, now: World.start)
            let now = was.changing(after, defaults: defaults)
            var (gained, lost) = (0, 0)
            for first in devices.indices {
                for second in (first + 1)..<devices.count {
                    let (old, new) = (was.reaches(before[first], before[second]), now.reaches(after[first], after[second]))
                    gained += !old && new ? 1 : 0
                    lost += old && !new ? 1 : 0
                }
            }
            let census = try #require(LinkCensus(was, now))
            #expect(census.difference == (gained, lost), "seed \(seed)")
        }
    }

    /// Rules that refuse pairs in both families or in one, and in both directions or in one.
    private static func rules(_ devices: [Device], _ random: inout SplitMix) -> RuleList {
        let rules = (0..<6).map { _ in
            let parties: [ServiceRule.Party] = [
                .any, .device(devices[Int.random(in: 0..<14, using: &random)].id), .prefix("10.3.2.8/29"), .prefix("fd00::3:2:0/124"),
            ]
            return ServiceRule(
                Bool.random(using: &random) ? .allow : .deny, from: parties.randomElement(using: &random)!,
                to: parties.randomElement(using: &random)!, service: Bool.random(using: &random) ? .any : TransportService("tcp 22")!)
        }.filter { $0.fieldErrors.isEmpty }
        return RuleList(rules, end: Bool.random(using: &random) ? .allow : .deny)
    }

    fileprivate static func shuffled(_ device: Device, _ all: [Device], _ random: inout SplitMix) -> Device {
        var device = device
        device.enabled = Int.random(in: 0..<5, using: &random) > 0
        let addresses = all.flatMap { [$0.ipv4, $0.ipv6].compactMap { $0.map(IPPrefix.init(host:)) } }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: device.overrides.allowedIPs = .inherit
        case 1: device.overrides.allowedIPs = .own(prefixes("10.3.2.8/29", "fd00::3:2:0/124"))
        default: device.overrides.allowedIPs = .own(addresses.filter { _ in Bool.random(using: &random) })
        }
        return device
    }
}

@Suite struct `The search for one-sided links` {
    /// Compares with checking every pair, for random lists, addresses and states. A failure prints the seed.
    @Test func `finds the same as checking pair by pair`() throws {
        let hub = try TestSite()
        let devices = try (0..<14).map { try hub.add("d\(10 + $0)") }
        let (defaults, settings) = try hub.database.read { (try $0.defaults(), try $0.hub()) }
        for seed in UInt64(0)..<60 {
            var random = SplitMix(state: seed)
            let mixed = devices.map { device in
                var device = `The census of links`.shuffled(device, devices, &random)
                if Int.random(in: 0..<4, using: &random) == 0 { device.ipv6 = nil }
                return device
            }
            let reachability = Reachability(devices: mixed, defaults: defaults, hub: settings, now: World.start)
            let pairs = PairLinks(mixed, reachability).all.filter(\.isOneSided)
            let search = try #require(OneSidedSearch(mixed, reachability))
            #expect(search.count == pairs.count, "seed \(seed)")
            #expect(search.concerned == Set(pairs.flatMap { [$0.from, $0.to] }).sorted(), "seed \(seed)")
            #expect(
                search.first(5).map { [$0.first.id, $0.second.id] } == pairs.prefix(5).map { [mixed[$0.from].id, mixed[$0.to].id] }, "seed \(seed)")
        }
    }

    @Test func `works with two thousand devices that each have a list of their own`() throws {
        let hub = try TestSite(network: "10.3.0.0/16")
        try hub.database.change(by: .system, at: World.start) { transaction in
            for number in 0..<2_000 {
                let key = PublicKey((0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) | ($0 == 31 ? 64 : 0) })!
                let next = IPPrefix(host: IPAddress("10.3.\((number + 3) / 256).\((number + 3) % 256)")!)
                var device = NewDevice(name: "device-\(10_000 + number)", publicKey: key, ipv6: .none)
                device.overrides.allowedIPs = .own([next])
                _ = try transaction.add(device)
            }
        }
        let page = try hub.signedIn().get("/reachability").text
        #expect(page.contains("device-10000 lists device-10001, but device-10001 does not list device-10000: nothing passes."))
        #expect(page.contains("and 1,993 more"))
        #expect(!page.contains("There are too many different lists"))
        #expect(page.utf8.count < 60_000)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
