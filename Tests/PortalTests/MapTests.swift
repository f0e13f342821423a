// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The map` {
    /// A hub with a large network and `count` devices with these tags, which all list each other.
    private func crowd(_ count: Int, tags: @escaping (Int) -> [String] = { _ in [] }) throws -> (TestSite, [Device]) {
        let hub = try TestSite(network: "10.3.0.0/16")
        let devices = try hub.database.change(by: .system, at: World.start) { transaction in
            try (0..<count).map { number in
                try transaction.add(
                    NewDevice(
                        name: "device-\(number)", tags: tags(number).compactMap { Tag($0) }, publicKey: PrivateKey.generate().publicKey, ipv6: .none))
            }
        }
        return (hub, devices)
    }

    private func places(_ page: String) -> [String: String] {
        page.matches(of: /<a href="\/devices\/([a-z0-9]+)"><title>[^<]*<\/title><use href="#[a-z_]+" (x="[-0-9.]+" y="[-0-9.]+")/).reduce(into: [:]) {
            $0[String($1.1)] = String($1.2)
        }
    }

    @Test func `says what to do if there is nothing to draw`() throws {
        let page = try TestSite().signedIn().get("/map").text
        #expect(page.contains("Nothing to draw yet"))
        #expect(page.contains("href=\"/devices/new\""))
        #expect(!page.contains("<svg viewBox"))
    }

    @Test func `shows each device with its state, as a link, and the same in a table`() throws {
        let hub = try TestSite()
        let (nas, phone) = (try hub.add("nas"), try hub.add("phone"))
        hub.hear(from: nas)
        let page = try hub.signedIn().get("/map").text
        #expect(page.contains("<a href=\"/devices/\(nas.id)\"><title>nas: online</title><use href=\"#online\""))
        #expect(page.contains("<a href=\"/devices/\(phone.id)\"><title>phone: never seen</title><use href=\"#never_seen\""))
        #expect(page.contains("<a class=\"name\" href=\"/devices/\(nas.id)\">nas</a>"))
        #expect(page.contains("2 devices. 1 pair reaches each other."))
        #expect(page.contains("<span data-count=\"online\">1</span>"))
        #expect(!page.contains("style="))
    }

    @Test func `draws a one-sided link separately, from the device that lists to the one that does not`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b", reaching: []))
        let page = try hub.signedIn().get("/map").text
        #expect(page.contains("one-sided: b does not list a"))
        #expect(page.contains("href=\"/reachability?from=\(a.id)&amp;to=\(b.id)\"><title>one-sided: b"))
        #expect(page.contains("1 link is one-sided."))
        #expect(!page.contains("class=\"reach whole\" d=\"M-"))
    }

    @Test func `draws no line where rules let nothing pass, and says where they let some services pass`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        try hub.add("c")
        try hub.database.change(by: .system, at: World.start) {
            _ = try $0.setRules(
                RuleList([ServiceRule(.allow, from: .device(a.id), to: .device(b.id), service: TransportService("tcp 22")!)], end: .deny))
        }
        let page = try hub.signedIn().get("/map").text
        #expect(page.contains("3 devices. 1 pair reaches each other. The rules let only some services pass for 1 of them."))
        #expect(page.contains("b with some services") && page.contains("a with some services"))
        // The row of c.
        #expect(page.contains("nobody") && !page.contains("a, c"))
    }

    @Test func `keeps devices in their places while names, states and traffic change`() throws {
        let (hub, devices) = try crowd(30) { $0 % 3 == 0 ? ["field", "berlin"] : $0 % 3 == 1 ? ["berlin"] : [] }
        let browser = try hub.signedIn()
        let before = places(try browser.get("/map").text)
        #expect(before.count == 30)
        try hub.database.change(by: .system, at: World.start) {
            var renamed = try $0.device(devices[7].id)
            renamed.name = "aaa"
            try $0.update(renamed)
        }
        for device in devices.prefix(12) { hub.hear(from: device) }
        #expect(places(try browser.get("/map").text) == before)
    }

    @Test func `widens a tunnel with its traffic`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        hub.hear(from: nas)
        let clock = ContinuousClock().now
        hub.site.rates.take(hub.world.engine.withLock { $0.peers }, at: clock)
        hub.world.engine.withLock { $0.peers[nas.publicKey]?.receivedBytes += 6_000_000 }
        hub.site.rates.take(hub.world.engine.withLock { $0.peers }, at: clock.advanced(by: .seconds(2)))
        let page = try hub.signedIn().get("/map").text
        #expect(page.contains("<g class=\"tunnels\"><path class=\"much\" d=\"M"))
        #expect(page.contains("<span data-part=\"down\">↓ 0</span><span data-part=\"up\">↑ 3 MB/s</span>"))
    }

    @Test func `has a tunnel for each device at the same index, shown while it is online`() throws {
        let (hub, devices) = try crowd(30) { $0 % 2 == 0 ? ["field"] : ["berlin"] }
        for device in devices.prefix(5) { hub.hear(from: device) }
        let page = try hub.signedIn().get("/map").text
        let states = page.matches(of: /<a href="\/devices\/\w+"><title>[^<]+<\/title><use href="#(\w+)"/).map { String($0.1) }
        let tunnels = page.matches(of: /<path( class="none")? d="M-?\d+ -?\d+Q[^ZC"]+"\/>/).map { $0.1 == nil }
        #expect(tunnels == states.map { $0 == "online" })
        #expect(states.count { $0 == "online" } == 5)
    }

    @Test func `draws 200 devices one by one and stays light`() throws {
        let (hub, devices) = try crowd(200) { ["group-\($0 % 7)"] }
        for device in devices { hub.hear(from: device) }
        let page = try hub.signedIn().get("/map").text
        #expect(places(page).count == 200)
        #expect(page.utf8.count < 60_000, "\(page.utf8.count)")
        #expect(page.contains("all others"))
        #expect(page.contains("class=\"band whole\""))
        #expect(page.contains("class=\"reach bundle whole\""))
    }

    @Test func `opens as many devices of a group as its circle counts, also if they have other tags`() throws {
        // Of the devices in the field, half are in a larger group too.
        let (hub, _) = try crowd(400) { $0 < 200 ? ($0 % 2 == 0 ? ["field", "office"] : ["field"]) : $0 < 350 ? ["office"] : [] }
        let browser = try hub.signedIn()
        let page = try browser.get("/map").text
        let groups = page.matches(of: /<a href="(\/map\?[^"]+)"><title>[^:]+: (\d+) never seen<\/title>/)
        #expect(groups.map { String($0.2) } == ["100", "250", "50"])
        for group in groups where group.2 != "250" {
            let inner = try browser.get(String(group.1.replacing("&amp;", with: "&"))).text
            #expect(places(inner).count == Int(group.2), "\(group.1)")
        }
        let field = try browser.get("/map?tag=field&without=office").text
        #expect(field.contains("<h1>field, without office</h1>") && field.contains("href=\"#table\">Show as list"))
    }

    @Test func `draws more devices as groups, and each leads to its own map`() throws {
        let (hub, _) = try crowd(300) { $0 < 180 ? ["field"] : $0 < 290 ? ["office"] : [] }
        let browser = try hub.signedIn()
        let page = try browser.get("/map").text
        #expect(page.contains("<a href=\"/map?tag=field\"><title>field: 180 never seen</title>"))
        #expect(page.contains("<a href=\"/map?alone=yes\"><title>no tag: 10 never seen</title>"))
        #expect(page.contains("field and office: all reach each other"))
        #expect(places(page).isEmpty)
        #expect(places(try browser.get("/map?tag=field").text).count == 180)
        #expect(places(try browser.get("/map?alone=yes").text).count == 10)
    }

    @Test func `draws one large group page by page`() throws {
        let (hub, _) = try crowd(260)
        let browser = try hub.signedIn()
        let (first, last) = (try browser.get("/map").text, try browser.get("/map?page=13").text)
        #expect(places(first).count == MapPage.rowsPerPage)
        #expect(places(last).count == 20)
        #expect(first.contains("Give devices tags"))
        #expect(Set(places(first).keys).isDisjoint(with: places(last).keys))
    }

    @Test func `offers the whole map for an unknown tag`() throws {
        let hub = try TestSite()
        try hub.add("nas")
        #expect(try hub.signedIn().get("/map?tag=nothing").text.contains("No device has this tag"))
    }
}

@Suite struct `Devices on the map` {
    private func grouping(_ tags: [[String]], in scope: MapScope = .all) throws -> [String] {
        let hub = try TestSite()
        let devices = try hub.database.change(by: .system, at: World.start) { transaction in
            try tags.enumerated().map { number, tags in
                try transaction.add(
                    NewDevice(name: "d\(number)", tags: tags.compactMap { Tag($0) }, publicKey: PrivateKey.generate().publicKey))
            }
        }
        return TagGroups(devices, in: scope).groups.map { "\($0.name): \($0.places.sorted())" }
    }

    @Test func `are grouped by the tag that most of them have, those without one last`() throws {
        #expect(try grouping([["a", "z"], ["z"], [], ["b"]]) == ["b: [3]", "z: [0, 1]", "no tag: [2]"])
        #expect(try grouping([["b", "a"]]) == ["a: [0]"])
    }

    @Test func `within a tag are grouped by their other tags`() throws {
        let scope = MapScope { $0 == "tag" ? "z" : nil }
        #expect(try grouping([["a", "z"], ["z"], [], ["b"]], in: scope) == ["a: [0]", "no other tag: [1]"])
        #expect(try grouping([["a", "z"], ["z"], []], in: MapScope(tags: [Tag("z")!], isAlone: true)) == ["no other tag: [1]"])
    }
}

@Suite struct `Links counted by group` {
    /// Random devices: with one family or both, with different lists, some of them disabled.
    private func hub(seed: UInt64) throws -> TestSite {
        var random = seed
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        let hub = try TestSite()
        let lists = [
            ["10.3.2.0/24", "fd00::3:2:0/120"], ["0.0.0.0/0", "::/0"], ["0.0.0.0/0", "10.3.2.5/32"], ["10.3.2.0/28"], ["fd00::3:2:0/124"],
            ["10.3.2.5/32", "fd00::3:2:9/128"], [],
        ]
        for number in 0..<24 {
            let device = try hub.add("d\(number)", reaching: lists[next(lists.count)])
            try hub.database.change(by: .system, at: World.start) {
                var edited = try $0.device(device.id)
                switch next(5) {
                case 0: edited.ipv4 = nil
                case 1: edited.ipv6 = nil
                case 2: edited.enabled = false
                default: break
                }
                try $0.update(edited)
            }
        }
        return hub
    }

    @Test(arguments: 1...6)
    func `are those that the forwarding decision finds pair by pair`(seed: UInt64) throws {
        let overview = try hub(seed: seed).site.overview(at: World.start)
        try compare(overview.reachability)
        // Rules take some links away, in one family or in both.
        let rules = [
            ServiceRule(.allow, from: .device(overview.devices[3].id), service: TransportService("tcp 22")!),
            ServiceRule(.deny, from: .prefix("10.3.2.8/29")), ServiceRule(.deny, to: .prefix("10.3.2.0/28")),
            ServiceRule(.deny, from: .prefix("fd00::3:2:0/124"), to: .prefix("fd00::3:2:8/125")),
        ]
        try compare(overview.reachability.changing(rules: RuleList(rules)))
        let pairs = { (reachability: Reachability) in PairLinks(overview.devices, reachability).all.count { !$0.isOneSided } }
        #expect(pairs(overview.reachability.changing(rules: RuleList(rules))) < pairs(overview.reachability))
    }

    private func compare(_ reachability: Reachability) throws {
        let groups = [Array(0..<9), Array(9..<10), Array(10..<24)]
        let counted = try #require(GroupLinks(reachability, groups: groups))
        let asked = GroupLinks(PairLinks(reachability.devices, reachability), groups: groups)
        for a in groups.indices { for b in groups.indices { #expect(counted[a, b] == asked[a, b], "\(a) \(b)") } }
        #expect(asked[0, 2].both > 0)
        #expect(asked[0, 2].oneSided > 0)
    }
}

@Suite struct `The width of a tunnel` {
    @Test func `follows its traffic`() {
        #expect([0, 0.4, 1, 9_999, 10_000, 2e6, 5e9].map { Flow($0) } == [.still, .still, .little, .little, .some, .much, .most])
    }

    @Test func `is set by a style rule for each step`() throws {
        let style = try String(contentsOfFile: TestSite.root + "/Public/app.css", encoding: .utf8)
        let rules = style.matches(of: /\.tunnels \.(\w+) \{ stroke-width: (\d+)/)
        #expect(rules.map { String($0.1) } == Flow.allCases.map(\.rawValue))
        #expect(rules.compactMap { Int($0.2) } == rules.compactMap { Int($0.2) }.sorted())
    }
}
