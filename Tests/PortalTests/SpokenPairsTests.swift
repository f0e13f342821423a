// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

/// A hub with four devices that all reach each other. `nas` spoke with `laptop` an hour and with `gateway` three days ago.
private struct SpokenHub {
    static let headline = "2 pairs that exchanged packets in the last 30 days would be cut off:"
    let hub: TestSite
    let (nas, laptop, gateway, silent): (Device, Device, Device, Device)
    let browser: Browsing

    init(watchedDays: Int64 = 40) throws {
        hub = try TestSite()
        nas = try hub.add("nas")
        laptop = try hub.add("laptop")
        gateway = try hub.add("gateway")
        silent = try hub.add("silent")
        browser = try hub.signedIn()
        try hub.database.write { [nas, laptop, gateway] in
            try $0.recordSpokenPairs([], at: World.start.adding(seconds: -watchedDays * 86_400))
            try $0.recordSpokenPairs([(nas.publicKey, gateway.publicKey)], at: World.start.adding(seconds: -3 * 86_400))
            try $0.recordSpokenPairs([(laptop.publicKey, nas.publicKey)], at: World.start.adding(seconds: -3_600))
        }
    }

    /// True if a page names the pairs of `nas`, the last to speak first.
    func names(_ page: String) -> Bool {
        let order = [Self.headline, "laptop and nas, within the last two hours", "gateway and nas, 3 d ago"].map {
            page.firstRange(of: $0)?.lowerBound
        }
        return order.allSatisfy { $0 != nil } && order.compactMap { $0 } == order.compactMap { $0 }.sorted() && !page.contains("silent and nas,")
    }
}

@Suite struct `Devices that spoke lately` {
    @Test func `are named before an edit cuts them`() throws {
        let world = try SpokenHub()
        let path = "/settings/\(world.nas.id)/edit"
        let values = ["name": "nas", "step": "preview", "revision": "\(world.nas.revision)", "enabled": "on"]
        let narrowed = try world.browser.post(path, values.merging(["allowed_ips_source": "custom", "allowed_ips": "10.3.2.5"]) { $1 })
        #expect(narrowed.status == 200 && world.names(narrowed.text))
        let disabled = try world.browser.post(path, values.merging(["enabled": "off", "allowed_ips_source": "default"]) { $1 })
        #expect(world.names(disabled.text))
        let kept = try world.browser.post(
            path, values.merging(["allowed_ips_source": "custom", "allowed_ips": "10.3.2.3, 10.3.2.4"]) { $1 })
        #expect(kept.text.contains("No pair that exchanged packets in the last 30 days would be cut off."))
    }

    @Test func `are named before a link is removed, also in the panel of the matrix`() throws {
        let world = try SpokenHub()
        let page = try world.browser.get("/links?a=nas&b=all&do=unlink").text
        #expect(world.names(page))
        let ids = [world.laptop, world.gateway, world.silent].map(\.id).joined(separator: ",")
        #expect(world.names(try world.browser.get("/reachability/panel?from=\(world.nas.id)&to=\(ids)").text))
    }

    @Test func `are named before the defaults change`() throws {
        let world = try SpokenHub()
        let form = try world.browser.get("/settings/defaults").text
        let revision = try #require(form.firstMatch(of: /name="revision" value="(\d+)"/)?.1)
        let hubRevision = try #require(form.firstMatch(of: /name="hub_revision" value="(\d+)"/)?.1)
        let answer = try world.browser.post(
            "/settings/defaults",
            [
                "step": "preview", "revision": String(revision), "hub_revision": String(hubRevision), "allowed_ips": "10.3.2.5",
                "allowed_ips_preset": "own", "persistent_keepalive": "25", "endpoint": "hub.example.org:51820",
            ].filter { $0.key != "allowed_ips_preset" })
        #expect(answer.status == 200)
        #expect(world.names(answer.text))
    }

    @Test func `are named before devices are deleted`() throws {
        let world = try SpokenHub()
        #expect(world.names(try world.browser.get("/devices/\(world.nas.id)/delete").text))
        #expect(world.names(try world.browser.act("delete", on: [world.nas, world.silent]).text))
        #expect(!(try world.browser.get("/devices/\(world.nas.id)/rotate-key").text.contains("exchanged packets")))
    }

    @Test func `are named before a change is undone`() throws {
        let world = try SpokenHub()
        let shut = try world.hub.database.change(by: .system, at: World.start) { transaction in
            var defaults = try transaction.defaults()
            defaults.settings.allowedIPs = []
            try transaction.update(defaults)
            return transaction.generation
        }
        let opened = try world.hub.database.change(by: .system, at: World.start) { transaction in
            try transaction.revert(shut)
            return transaction.generation
        }
        #expect(world.names(try world.browser.get("/changes/\(opened)").text))
    }

    @Test func `are in the answers of the API`() throws {
        let world = try SpokenHub()
        let api = try world.hub.api(.read, .devices)
        let answer = try api.send("POST", "/links", ["a": "nas", "b": "all", "linked": .bool(false), "dry_run": .bool(true)])
        let cut = try #require(try answer.json()["spoken_pairs_cut"])
        #expect(cut["count"]?.integer == 2)
        #expect(cut["pairs"]?.array?.map { $0["last_at"]?.string } == ["2027-01-15T07:00:00Z", "2027-01-12T08:00:00Z"])
        let partners = try api.send("GET", "/devices/\(world.nas.id)/partners").json()
        #expect(partners["watched_since"]?.string == "2026-12-06T08:00:00Z")
        #expect(partners["partners"]?.array?.map { $0["id"]?.string } == [world.laptop.id, world.gateway.id])
    }

    @Test func `are told with the date since which a younger hub has watched`() throws {
        let world = try SpokenHub(watchedDays: 5)
        let page = try world.browser.get("/links?a=nas&b=all&do=unlink").text
        #expect(page.contains("2 pairs that exchanged packets since 2027-01-10 08:00 would be cut off:"))
    }
}

@Suite struct `The page of unused links` {
    @Test func `lists the links that nobody used, and proposes the list that a device used`() throws {
        let world = try SpokenHub()
        let page = try world.browser.get("/links/unused").text
        #expect(page.contains("4 of 6 links unused"))
        #expect(page.contains("href=\"/links?a=gateway&amp;b=laptop&amp;do=unlink\""))
        #expect(!page.contains("a=laptop&amp;b=nas"))
        #expect(page.contains("3 unused links"))
        let chosen = try world.browser.get("/links/unused?device=NAS").text
        #expect(chosen.contains("1 of 3 links unused"))
        #expect(chosen.contains("It exchanged packets with 2 devices."))
        #expect(chosen.contains("10.3.2.1/32, 10.3.2.3/32, 10.3.2.4/32, fd00::3:2:1/128, fd00::3:2:3/128, fd00::3:2:4/128"))
        #expect(chosen.contains("nas and silent no longer reach each other"))
        #expect(chosen.contains("No pair that exchanged packets in the last 30 days would be cut off."))
    }

    @Test func `saves the proposed list as one change`() throws {
        let world = try SpokenHub()
        let path = "/links/unused?device=nas"
        let page = try world.browser.get(path).text
        let list = try #require(page.firstMatch(of: /name="list" value="([^"]+)"/)?.1)
        let values = ["device": world.nas.id, "list": String(list), "revision": "\(world.nas.revision)", "confirm_within": "0"]
        let saved = try world.browser.post("/links/unused", on: path, values)
        #expect(saved.location?.hasPrefix("/devices/\(world.nas.id)?") == true)
        let expected = ["10.3.2.1/32", "10.3.2.3/32", "10.3.2.4/32", "fd00::3:2:1/128", "fd00::3:2:3/128", "fd00::3:2:4/128"]
        #expect(try world.hub.device(world.nas.id).overrides.allowedIPs == .own(expected.compactMap { IPPrefix($0) }))
        #expect(try world.browser.post("/links/unused", on: "/links/unused?device=laptop", values).status == 409)
        #expect(try world.browser.get(path).text.contains("Its allowed IPs hold no other device."))
    }

    @Test func `says since when the hub has watched, and shows nothing before`() throws {
        #expect(try SpokenHub(watchedDays: 5).browser.get("/links/unused").text.contains("did not exchange a packet since 2027-01-10 08:00."))
        let hub = try TestSite()
        for name in ["a", "b"] { try hub.add(name) }
        let page = try hub.signedIn().get("/links/unused").text
        #expect(page.contains("The hub has not recorded yet") && !page.contains("a=a&amp;b=b"))
    }

    @Test func `offers viewers no change, and says that a device is unknown`() throws {
        let world = try SpokenHub()
        let viewer = try world.hub.signedIn(role: .viewer)
        let page = try viewer.get("/links/unused?device=nas").text
        #expect(page.contains("nas") && !page.contains("Use this list") && !page.contains("do=unlink"))
        let unknown = try viewer.get("/links/unused?device=zebra")
        #expect(unknown.status == 404 && unknown.text.contains("There is no device “zebra”."))
    }
}
