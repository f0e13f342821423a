// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `Devices from a pasted list` {
    let hub: TestSite
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        browser = try hub.signedIn()
    }

    @Test func `are read from lines with names and tags, and from tables`() {
        let read = { (text: String) in DeviceLines(text).lines.map { "\($0.number) \($0.name): \($0.tags.map(\.description).joined(separator: " "))" }
        }
        #expect(read("berlin-nas, field\n\nlaptop\r\n") == ["1 berlin-nas: field", "3 laptop: "])
        #expect(read("name,tags\n\"Berlin, office\",\"field home\"\nsay \"\"x,a") == ["2 Berlin, office: field home", "3 say \"\"x: a"])
        #expect(read("nas;field\nb\tx y\tz") == ["1 nas: field", "2 b: x y z"])
        #expect(DeviceLines("a\nb, ?\nA\n").errors.map(\.description).count == 2)
        #expect(DeviceLines((1...201).map { "d\($0)" }.joined(separator: "\n")).errors.count == 1)
        #expect(DeviceLines(" \n\n").errors.count == 1)
    }

    @Test func `are added and linked in one change, and handed out together`() throws {
        let gateway = try hub.add("gateway", reaching: [])
        let before = try hub.database.read { try $0.generation() }.desired
        let list = (1...10).map { "unit-\($0), field" }.joined(separator: "\n")
        let answer = try browser.post("/devices", on: "/devices/new", ["list": list, "link": "gateway", "keep_private_key": "on"])
        #expect(answer.status == 303)
        #expect(try hub.database.read { try $0.generation() }.desired == before + 1)
        let devices = try hub.database.read { try $0.devices() }.filter { $0.id != gateway.id }
        #expect(devices.count == 10 && devices.allSatisfy { $0.tags.map(\.description) == ["field"] && $0.hasPrivateKey })
        let reachability = try hub.database.read {
            try Reachability(devices: $0.devices(), defaults: $0.defaults(), hub: $0.hub(), now: World.start)
        }
        #expect(devices.allSatisfy { reachability.relation($0, gateway) == .both })

        let page = try browser.get(#require(answer.location)).text
        #expect(page.contains("10 devices added") && page.matches(of: /name="device" value=/).count == 10)
        #expect(try hub.database.read { try $0.devices() }.allSatisfy { $0.fetchedAt == nil })
        let codes = try browser.act("codes", on: devices).text
        #expect(codes.matches(of: /src="data:image\/svg\+xml;base64,/).count == 10)
        let counted = try hub.database.read { try $0.devices() }.filter { $0.fetchedConfigRevision == $0.configRevision }
        #expect(counted.map(\.id).sorted() == devices.map(\.id).sorted())
    }

    @Test func `are one device if there is no list, with its own fields and links`() throws {
        try hub.add("gateway", reaching: [])
        let answer = try browser.post(
            "/devices", on: "/devices/new",
            ["name": "nas, the old one", "tags": "field", "link": "gateway", "ipv4": "10.3.2.77", "keep_private_key": "on"])
        let device = try #require(try hub.database.read { try $0.device(named: "nas, the old one") })
        #expect(answer.location == "/devices/\(device.id)?done=added")
        #expect(device.ipv4 == "10.3.2.77" && device.tags.map(\.description) == ["field"])
        #expect(try hub.database.read { try $0.device(named: "gateway") }?.overrides.allowedIPs.own?.contains("10.3.2.77/32") == true)
        let refused = try browser.post("/devices", on: "/devices/new", ["name": "", "link": "zebra"])
        #expect(refused.status == 422 && refused.text.contains("There is no device “zebra”."))
    }

    @Test func `take tags of all and the choice about their keys, but nothing that only one device can have`() throws {
        let one = try browser.post("/devices", on: "/devices/new", ["name": "nas", "ipv4": "10.3.2.77", "list": "a\nb"])
        #expect(one.status == 422 && one.text.matches(of: /This is for one device/).count == 2)
        #expect(try hub.database.read { try $0.devices() }.isEmpty)
        let added = try browser.post("/devices", on: "/devices/new", ["tags": "field", "list": "a, home\nb"])
        let devices = try hub.database.read { try $0.devices() }
        #expect(devices.map { $0.tags.map(\.description) } == [["field", "home"], ["field"]])
        #expect(devices.allSatisfy { !$0.hasPrivateKey })
        // The keys can be handed out for ten minutes.
        #expect(try browser.get(#require(added.location)).status == 200)
        #expect(try browser.act("codes", on: devices).text.matches(of: /src="data:image\/svg\+xml;base64,/).count == 2)
    }

    @Test func `are all refused with the numbers of the lines, and nothing changes`() throws {
        try hub.add("taken")
        let answer = try browser.post("/devices", on: "/devices/new", ["list": "fine\ntaken\nbad, ?", "link": "zebra"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("Line 2: ") && answer.text.contains("Line 3: ? is not a tag."))
        #expect(answer.text.contains("There is no device “zebra”."))
        #expect(answer.text.contains("fine\ntaken\nbad, ?"))
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == ["taken"])
    }
}

@Suite struct `The bar for selected devices` {
    let hub: TestSite
    let devices: [Device]
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        devices = try ["alpha", "beta", "gamma"].map { [hub] in try hub.add($0) }
        browser = try hub.signedIn()
    }

    @Test func `adds tags in one change`() throws {
        let change = try hub.database.read { try $0.generation() }.desired + 1
        #expect(try browser.act("tag", on: Array(devices.prefix(2)), [("words", "field, berlin")]).location == "/devices?change=\(change)&done=saved")
        #expect(try hub.database.read { try $0.devices() }.map { $0.tags.map(\.description) } == [["berlin", "field"], ["berlin", "field"], []])
        #expect(try browser.act("tag", on: devices, [("words", "?")]).status == 422)
        #expect(try browser.act("tag", on: devices, [("words", "")]).status == 422)
    }

    @Test func `fills in the form for links: two with each other, more on one side`() throws {
        let two = try browser.act("link", on: Array(devices.prefix(2))).text
        #expect(two.contains("name=\"a\" value=\"alpha\"") && two.contains("name=\"b\" value=\"beta\"") && two.contains("Nothing changes."))
        let three = try browser.act("link", on: devices).text
        #expect(three.contains("name=\"a\" value=\"alpha, beta, gamma\"") && three.contains("name=\"b\" value=\"\""))
        #expect(try browser.act("link", on: [], [("all", "on")]).text.contains("name=\"a\" value=\"all\""))
    }

    @Test func `makes a link to the file of each, after a confirmation`() throws {
        let page = try browser.act("share", on: Array(devices.prefix(2))).text
        let links = page.matches(of: /http:\/\/127.0.0.1:8080(\/hand-over\?token=[^<]+)/).map { String($0.1) }
        #expect(links.count == 2)
        let guest = Browsing(hub.site)
        #expect(try guest.get(links[1]).text.contains("hands you the WireGuard file of beta"))
        hub.world.advance(seconds: 600)
        #expect(try browser.act("share", on: devices).location?.hasPrefix("/account/confirm") == true)
        hub.world.advance(seconds: 7 * 86_400 - 601)
        #expect(try guest.get(links[0]).status == 200)
        hub.world.advance(seconds: 1)
        #expect(try guest.get(links[0]).status == 404)
    }
}
