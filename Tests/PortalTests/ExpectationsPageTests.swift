// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

private typealias Expectation = Fleet.Expectation

/// A hub where “web reaches db” is expected.
private struct ExpectingHub {
    let hub: TestSite
    let (web, db): (Device, Device)
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        web = try hub.add("web")
        db = try hub.add("db")
        browser = try hub.signedIn()
        try hub.database.write { [web, db] in
            _ = try $0.addExpectation(from: .device(web.id), to: .device(db.id), isReached: true, by: .system, at: World.start)
        }
    }

    var isEnabled: Bool { get throws { try hub.device(db.id).enabled } }

    /// What the button “Save anyway” of a page sends.
    func again(_ page: Answer) throws -> Answer {
        let form = try #require(page.text.firstMatch(of: /<form method="post" action="([^"]+)" class="form">/))
        let (action, rest) = (form.1, page.text[form.range.upperBound...])
        let end = try #require(rest.firstRange(of: "</form>")).lowerBound
        let fields = rest[..<end].matches(of: /<input type="hidden" name="([a-z_0-9]+)" value="([^"]*)">/).map { (String($0.1), String($0.2)) }
        return try browser.send("POST", String(action), fields: browser.postFields, pairs: fields)
    }
}

@Suite struct `The page of expectations` {
    @Test func `adds sentences, says whether they hold and why not, and removes them`() throws {
        let hub = try TestSite()
        try hub.add("web")
        try hub.add("guest", reaching: [])
        let browser = try hub.signedIn()
        #expect(try browser.get("/expectations").text.contains("No expectations"))
        let added = try browser.post("/expectations", ["from": "web", "rule": "reaches", "to": "GUEST"])
        #expect(added.location == "/expectations?done=expectation_added")
        _ = try browser.post("/expectations", ["from": "guest", "rule": "never", "to": "10.3.2.2"])
        let page = try browser.get("/expectations").text
        #expect(page.contains("web reaches guest") && page.contains("one-sided: guest does not list web"))
        #expect(page.contains("guest never reaches 10.3.2.2"))
        #expect(page.contains("1 does not hold.") && page.contains("Broken "))
        let id = try #require(page.firstMatch(of: /\/expectations\/([a-z0-9]+)\/remove/)?.1)
        #expect(try browser.post("/expectations/\(id)/remove", on: "/expectations").location == "/expectations?done=removed")
        #expect(try browser.get("/expectations").text.contains("It holds."))
        let viewer = try hub.signedIn(role: .viewer).get("/expectations").text
        #expect(viewer.contains("guest never reaches 10.3.2.2") && !viewer.contains("name=\"from\""))
    }

    @Test func `keeps what was typed if it is refused`() throws {
        let hub = try TestSite()
        try hub.add("web")
        let answer = try hub.signedIn().post("/expectations", ["from": "web", "rule": "never", "to": "zebra"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("value=\"zebra\"") && answer.text.contains("There is no device “zebra”."))
        #expect(answer.text.contains("<option value=\"never\" selected>"))
    }

    @Test func `shows how the last test ended, and so does the status page`() throws {
        let world = try ExpectingHub()
        #expect(try world.browser.get("/status").text.contains("1 holds. Not tested yet."))
        let id = try #require(try world.hub.database.read { try $0.expectations() }.first?.id)
        var test = Expectation.Test(at: World.start.adding(seconds: -7_200))
        (test.failed, test.firstFailure) = (1, ("web", "db"))
        try world.hub.database.write { [test] in try $0.recordTest(test, ofExpectation: id) }
        #expect(try world.browser.get("/expectations").text.contains("Tested 2 h ago: db did not answer web."))
        #expect(try world.browser.get("/status").text.contains("1 failed its test. Last tested 2 h ago."))
        #expect(!(try TestSite().signedIn().get("/status").text.contains("/expectations")))
    }
}

@Suite struct `A change that breaks an expectation` {
    @Test func `is shown before it is saved, also before a device is disabled or deleted`() throws {
        let world = try ExpectingHub()
        let page = try world.browser.get("/devices/\(world.db.id)").text
        #expect(page.contains("It breaks 1 expectation.") && page.contains("Breaks the expectation “web reaches db”: "))
        let delete = try world.browser.get("/devices/\(world.db.id)/delete").text
        #expect(delete.contains("web reaches db”: db is removed") && delete.contains("1 expectation about what is deleted is deleted, too."))
        let preview = try world.browser.get("/links?a=web&b=db&do=unlink").text
        #expect(preview.contains("Breaks the expectation “web reaches db”: "))
        #expect(!(try world.browser.get("/links?a=web&b=db").text.contains("Breaks the expectation")))
    }

    @Test func `stops with the reason, and can be saved anyway`() throws {
        let world = try ExpectingHub()
        let stopped = try world.browser.post("/devices/\(world.db.id)/disable", on: "/devices/\(world.db.id)")
        #expect(stopped.status == 409)
        #expect(stopped.text.contains("This would break 1 expectation"))
        #expect(stopped.text.contains("web reaches db") && stopped.text.contains("db is disabled or expired"))
        #expect(try world.isEnabled)
        let saved = try world.again(stopped)
        #expect(saved.status == 303)
        #expect(try !world.isEnabled)
        #expect(try world.hub.database.read { try $0.auditEntries(limit: 3) }.contains { $0.action == "expectation.break" })
    }

    @Test func `keeps everything that was typed`() throws {
        let world = try ExpectingHub()
        let path = "/settings/\(world.db.id)/edit"
        let values = [
            "name": "db", "description": "the “big” one", "revision": "\(world.db.revision)", "enabled": "on", "step": "",
            "allowed_ips_source": "custom", "allowed_ips": "10.3.2.99", "confirm_within": "0",
        ]
        let stopped = try world.browser.post(path, values)
        #expect(stopped.status == 409)
        #expect(try world.hub.device(world.db.id) == world.db)
        let saved = try world.again(stopped)
        #expect(saved.status == 303)
        let device = try world.hub.device(world.db.id)
        #expect(device.description == "the “big” one")
        #expect(device.overrides.allowedIPs == .own(["10.3.2.99/32"]))
    }

    @Test func `stops also if it unlinks, deletes, acts on several devices or edits the defaults`() throws {
        let world = try ExpectingHub()
        let browser = world.browser
        let id = world.db.id
        #expect(try browser.post("/links", ["a": "web", "b": "db", "do": "unlink"]).status == 409)
        #expect(try browser.post("/devices/\(id)/delete", on: "/devices/\(id)/delete").status == 409)
        let asked = try browser.act("disable", on: [world.db])
        #expect(asked.status == 200 && asked.text.contains("Breaks the expectation “web reaches db”: "))
        let digest = String(try #require(asked.text.firstMatch(of: /name="selection" value="([0-9a-f]{64})"/)?.1))
        let pairs = [("selection", digest), ("device", id)]
        let stopped = try browser.post("/devices/selected/disable", on: "/devices", pairs: pairs)
        #expect(stopped.status == 409)
        let form = try browser.get("/settings/defaults").text
        let revision = try #require(form.firstMatch(of: /name="revision" value="(\d+)"/)?.1)
        let hubRevision = try #require(form.firstMatch(of: /name="hub_revision" value="(\d+)"/)?.1)
        let defaults = try browser.post(
            "/settings/defaults",
            [
                "revision": String(revision), "hub_revision": String(hubRevision), "allowed_ips": "10.3.2.99", "persistent_keepalive": "25",
                "endpoint": "hub.example.org:51820",
            ])
        #expect(defaults.status == 409 && defaults.text.contains("web reaches db"))
        #expect(try world.isEnabled)
        #expect(try world.again(stopped).status == 303)
        #expect(try !world.isEnabled)
    }

    /// A way to change who reaches whom. It gets a hub on which web reaches db, as expected, and nobody with the tag guests may reach web.
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let perform: @Sendable (TestSite, Browsing, APIClient, Device) throws -> Answer

        init(_ name: String, _ perform: @escaping @Sendable (TestSite, Browsing, APIClient, Device) throws -> Answer) {
            (testDescription, self.perform) = (name, perform)
        }

        static let all = [
            Way("adding a device with a tag") { _, browser, _, _ in try browser.post("/devices", on: "/devices/new", ["name": "x", "tags": "guests"])
            },
            Way("adding several") { _, browser, _, _ in try browser.post("/devices", on: "/devices/new", ["list": "x, guests\ny"]) },
            Way("tagging several") { _, browser, _, db in try browser.act("tag", on: [db], [("words", "guests")]) },
            Way("changing the addresses") { _, browser, _, db in
                try browser.post("/settings/\(db.id)/edit", ["ipv4": "none", "ipv6": "none", "revision": "\(db.revision)"])
            },
            Way("the list that was used") { _, browser, _, db in
                try browser.post("/links/unused", on: "/links", ["device": db.id, "list": "", "revision": "\(db.revision)"])
            },
            Way("a link for a time") { hub, browser, _, _ in
                try hub.database.change(by: .system, at: World.start) {
                    _ = try $0.add(
                        NewDevice(
                            name: "visitor", tags: [Tag("guests")!], publicKey: nil, overrides: Overrides(allowedIPs: .own([]))))
                }
                return try browser.post("/links", ["a": "visitor", "b": "web", "do": "link", "duration": "3600"])
            },
            Way("undoing a change") { hub, browser, _, _ in
                let (number, late) = try hub.database.change(by: .system, at: World.start) {
                    ($0.generation, try $0.add(NewDevice(name: "late", publicKey: nil)).id)
                }
                try hub.database.write { db in
                    let web = try #require(try db.device(named: "web")).id
                    _ = try db.addExpectation(from: .device(web), to: .device(late), isReached: true, by: .system, at: World.start)
                }
                return try browser.post("/changes/\(number)/revert", on: "/changes/\(number)")
            },
            Way("the API: a new device") { _, _, api, _ in try api.send("POST", "/devices", ["name": "x", "tags": ["guests"]]) },
            Way("the API: the defaults") { _, _, api, _ in try api.send("PATCH", "/defaults", ["allowed_ips": []]) },
            Way("the API: links") { _, _, api, _ in try api.send("POST", "/links", ["a": "web", "b": "db", "linked": false]) },
        ]
    }

    @Test(arguments: Way.all) func `stops in every way there is`(way: Way) throws {
        let world = try ExpectingHub()
        try world.hub.database.write { [web = world.web] in
            _ = try $0.addExpectation(from: .tag(Tag("guests")!), to: .device(web.id), isReached: false, by: .system, at: World.start)
        }
        let before = try world.hub.database.read { try $0.devices() }
        let answer = try way.perform(world.hub, world.browser, try world.hub.api(.devices, .read, .settings), world.db)
        #expect(answer.status == 409, "\(answer.text.prefix(2_000))")
        #expect(answer.text.contains("expectation"))
        let after = try world.hub.database.read { try $0.devices() }
        #expect(after.filter { !["visitor", "late"].contains($0.name) } == before)
    }

    @Test func `is refused by the API with the reason, unless the address says otherwise`() throws {
        let world = try ExpectingHub()
        let api = try world.hub.api(.devices, .read, .settings)
        let refused = try api.send("PATCH", "/devices/\(world.db.id)", ["enabled": .bool(false)])
        #expect(refused.status == 409)
        let broken = try #require(try refused.json()["expectations"]?.array?.first)
        #expect(broken["expectation"]?.string == "web reaches db")
        #expect(broken["reason"]?.string == "db is disabled or expired: nothing passes")
        #expect(try world.isEnabled)
        #expect(try api.send("DELETE", "/devices/\(world.db.id)").status == 409)
        let dry = try api.send("POST", "/links", ["a": "web", "b": "db", "linked": .bool(false), "dry_run": .bool(true)])
        #expect(try dry.json()["expectations_broken"]?.array?.map(\.string) == [broken["id"]?.string])
        #expect(try api.send("PATCH", "/devices/\(world.db.id)?break_expectations=true", ["enabled": .bool(false)]).status == 200)
        #expect(try !world.isEnabled)
    }
}

@Suite struct `The API of expectations` {
    @Test func `adds, lists and removes them`() throws {
        let hub = try TestSite()
        let (web, _) = (try hub.add("web"), try hub.add("guest", reaching: []))
        let api = try hub.api(.read, .settings)
        let added = try api.send("POST", "/expectations", ["from": "guest", "rule": "reaches", "to": "web"])
        #expect(added.status == 201)
        let object = try added.json()
        #expect(object["to"]?.string == web.id && object["rule"]?.string == "reaches")
        #expect(object["broken_since"]?.string != nil && object["test"]?.isNull == true)
        #expect(object["holds"]?.bool == false && object["reason"]?.string?.contains("guest") == true)
        _ = try api.send("POST", "/expectations", ["from": "tag:guests", "rule": "never", "to": "192.168.7.9"])
        let all = try #require(try api.send("GET", "/expectations").json()["expectations"]?.array)
        #expect(Set(all.map { $0["from"]?.string }) == ["tag:guests", object["from"]?.string] && all.count == 2)
        #expect(try api.send("POST", "/expectations", ["from": "web", "rule": "maybe", "to": "zebra"]).status == 422)
        #expect(try api.send("POST", "/expectations", ["from": "web", "rule": "never", "to": "guest", "port": 22]).status == 400)
        let id = try #require(object["id"]?.string)
        #expect(try api.send("DELETE", "/expectations/\(id)").status == 204)
        #expect(try api.send("DELETE", "/expectations/\(id)").status == 404)
        #expect(try hub.api(.read).send("POST", "/expectations", ["from": "web", "rule": "never", "to": "guest"]).status == 403)
    }
}
