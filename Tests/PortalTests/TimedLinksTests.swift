// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal
import Words

@Suite struct `Timed links on the pages` {
    let hub: TestSite
    let browser: Browsing
    let (nas, laptop): (Device, Device)

    init() throws {
        hub = try TestSite()
        browser = try hub.signedIn()
        (nas, laptop) = (try hub.add("nas", reaching: []), try hub.add("laptop", reaching: []))
    }

    private var running: [TimedLink] { get throws { try hub.database.read { try $0.timedLinks() } } }

    private func link(_ more: [String: String]) throws -> Answer {
        try browser.post("/links", ["a": "nas", "b": "laptop", "do": "link"].merging(more) { $1 })
    }

    @Test func `are made with a preview that says when they end`() throws {
        let preview = try link(["duration": "7200", "step": "preview"])
        #expect(preview.text.contains("laptop and nas reach each other"))
        #expect(preview.text.contains("It ends by itself on 2027-01-15 10:00 UTC."))
        #expect(try running.isEmpty)
        let answer = try link(["duration": "7200", "reason": "backup"])
        #expect(answer.location?.hasPrefix("/changes/") == true)
        let link = try #require(try running.first)
        #expect(link.endsAt == World.start.adding(seconds: 7_200) && link.reason == "backup")
        let change = try browser.get(try #require(answer.location)).text
        #expect(change.contains("Linked for a time: nas – laptop") && change.contains("Undo this change"))
    }

    @Test func `are on the page of both devices, in the panel, and in a list`() throws {
        _ = try link(["duration": "7200"])
        for device in [nas, laptop] { #expect(try browser.get("/devices/\(device.id)").text.contains("ends in 2 h")) }
        let panel = try browser.get("/reachability/panel?from=\(nas.id)&to=\(laptop.id)").text
        #expect(panel.contains("ends in 2 h, until 2027-01-15 10:00 UTC") && panel.contains("End now"))
        let list = try browser.get("/links/timed").text
        #expect(list.contains("2027-01-15 10:00 UTC") && list.contains("Granted by ada@example.org"))
        #expect(try browser.get("/reachability").text.contains("href=\"/links/timed\""))
    }

    @Test func `are ended and extended there`() throws {
        _ = try link(["duration": "3600"])
        let id = try #require(try running.first).id
        #expect(
            try browser.post("/links/timed/\(id)/extend", on: "/links/timed", ["duration": "86400"]).location == "/links/timed?done=link_extended")
        #expect(try running.first?.endsAt == World.start.adding(seconds: 90_000))
        #expect(try browser.post("/links/timed/\(id)/extend", on: "/links/timed", ["duration": "99999999"]).status == 422)
        #expect(try browser.post("/links/timed/\(id)/extend", on: "/links/timed", ["duration": "soon"]).text.contains("Choose how long."))
        #expect(try browser.post("/links/timed/\(id)/extend", on: "/links/timed", ["duration": "0"]).text.contains("Choose how long."))
        let ended = try browser.post("/links/timed/\(id)/end", on: "/links/timed")
        #expect(ended.location?.hasPrefix("/links/timed?change=") == true)
        #expect(try running.isEmpty)
        #expect(try hub.device(nas.id).overrides.allowedIPs == .own([]))
        #expect(try browser.post("/links/timed/\(id)/end", on: "/links/timed").status == 404)
    }

    @Test func `end at a date that is typed, with and without the choice, and never silently without one`() throws {
        #expect(try link(["duration": "until", "until": "2027-02-01"]).status == 303)
        #expect(try running.first?.endsAt == UnixTime(text: "2027-02-01"))
        _ = try browser.post("/links", ["a": "nas", "b": "laptop", "do": "unlink", "duration": "until"])
        #expect(try running.isEmpty)
        #expect(try link(["duration": "", "until": "2027-02-01 18:00"]).status == 303)
        #expect(try running.first?.endsAt == UnixTime(text: "2027-02-01 18:00"))
        for (duration, until, message) in [
            ("until", "", "Give the end as"), ("3600", "2027-02-01", "Choose either a time or a date"), ("until", "soon", "soon is not a date."),
            ("until", "2020-01-01", "The end is in the past"), ("x", "", "Choose how long."),
        ] {
            let answer = try link(["duration": duration, "until": until])
            #expect(answer.status == 422 && answer.text.contains(message), "\(message)")
        }
    }

    @Test func `say in the preview when they would last or end early`() throws {
        _ = try link(["duration": "3600"])
        #expect(try browser.get("/links?a=nas&b=laptop").text.contains("The timed link nas – laptop no longer ends by itself."))
        #expect(try browser.get("/links?a=nas&b=laptop&do=unlink").text.contains("The timed link nas – laptop ends with it."))
        _ = try link([:])
        #expect(try running.isEmpty)
        #expect(try hub.device(nas.id).overrides.allowedIPs != .own([]))
    }

    @Test func `are made and listed by the API`() throws {
        let api = try hub.api(.devices, .read)
        #expect(try api.send("POST", "/links", ["a": "nas", "b": "laptop", "duration": 60, "reason": "script"]).status == 200)
        let listed = try api.send("GET", "/links").json()["timed_links"]?.array ?? []
        #expect(listed.count == 1)
        #expect(listed.first?["reason"] == "script" && listed.first?["a"] == .string(nas.id) && listed.first?["granted_by"] == "token script")
        #expect(listed.first?["ends_at"] == .string(World.start.adding(seconds: 60).iso))
        #expect(try api.send("POST", "/links", ["a": "nas", "b": "laptop", "linked": false, "duration": 60]).status == 422)
        #expect(try api.send("POST", "/links", ["a": "nas", "b": "laptop", "until": "2027-02-01T00:00:00Z"]).status == 200)
        #expect(try running.count == 2)
        #expect(try api.send("POST", "/links", ["a": "nas", "b": "laptop", "duration": 60, "until": "2027-02-01T00:00:00Z"]).status == 422)
        #expect(try api.send("POST", "/links", ["a": "nas", "b": "laptop", "duration": 59]).status == 422)
    }
}

@Suite struct `A viewer who asks for a link` {
    let hub: TestSite
    let admin: Browsing
    let viewer: Browsing
    let (nas, laptop): (Device, Device)

    init() throws {
        hub = try TestSite()
        admin = try hub.signedIn()
        viewer = try hub.signedIn(role: .viewer)
        (nas, laptop) = (try hub.add("nas", reaching: []), try hub.add("laptop", reaching: []))
    }

    private func ask(_ more: [String: String] = [:]) throws -> Answer {
        try viewer.post(
            "/links/ask", ["a": "nas", "b": "laptop", "duration": "7200", "reason": "to fetch <logs>"].merging(more) { $1 })
    }

    @Test func `finds the form where an admin finds the one for links`() throws {
        for page in ["/devices/\(nas.id)", "/reachability", "/reachability/panel?from=\(nas.id)&to=\(laptop.id)", "/links/timed"] {
            #expect(try viewer.get(page).text.contains("Ask for a link"), "\(page)")
        }
        #expect(try viewer.get("/links/ask?a=nas&b=laptop").text.contains("value=\"laptop\""))
    }

    @Test func `sees the request wait, and every page of an admin counts it`() throws {
        #expect(try ask().location == "/links/timed?done=asked")
        #expect(try viewer.get("/links/timed").text.contains("waits for an answer"))
        #expect(try hub.device(nas.id).overrides.allowedIPs == .own([]))
        for page in ["/devices", "/status", "/links/timed"] { #expect(try admin.get(page).text.contains(">1 request</a>"), "\(page)") }
        #expect(try !viewer.get("/devices").text.contains(">1 request</a>"))
        #expect(try admin.get("/links/timed").text.contains("to fetch &lt;logs&gt;"))
    }

    @Test func `gets the link from an admin, who sees the effect first`() throws {
        _ = try ask()
        let page = try admin.get("/links/timed").text
        let address = String(try #require(page.firstMatch(of: /href="(\/links\?request=[a-z0-9]+)"/)?.1))
        let form = try admin.get(address).text
        #expect(form.contains("eve@example.org asks: to fetch &lt;logs&gt;") && form.contains("laptop and nas reach each other"))
        #expect(form.contains("<option value=\"7200\" selected>"))
        let request = String(address.split(separator: "=")[1])
        let answer = try admin.post("/links", ["a": "nas", "b": "laptop", "do": "link", "duration": "3600", "request": request])
        #expect(answer.location?.hasPrefix("/changes/") == true)
        #expect(try admin.get(#require(answer.location)).text.contains("asked for by eve@example.org"))
        let seen = try viewer.get("/links/timed").text
        #expect(seen.contains("granted by ada@example.org") && seen.contains("asked for by eve@example.org") && !seen.contains("End now"))
        #expect(try admin.get(address).status == 404)
    }

    @Test func `is told of a refusal`() throws {
        _ = try ask()
        let request = try #require(try hub.database.read { try $0.linkRequests(at: World.start) }.first).id
        let long = try admin.post("/links/requests/\(request)/refuse", on: "/links/timed", ["answer": String(repeating: "x", count: 201)])
        #expect(long.status == 422 && long.text.contains("The reason has 201 characters."))
        #expect(try admin.post("/links/requests/\(request)/refuse", on: "/links/timed", ["answer": "use the web"]).status == 303)
        #expect(try viewer.get("/links/timed").text.contains("refused by ada@example.org: use the web"))
    }

    @Test func `sees only own requests`() throws {
        _ = try ask()
        let other = try hub.signedIn(role: .viewer, email: "mallory@example.org")
        #expect(try !other.get("/links/timed").text.contains("to fetch"))
    }

    @Test func `is told what is wrong, and keeps what was typed`() throws {
        for (field, value, message) in [
            ("a", "zebra", "There is no device “zebra”."), ("b", "", "Name a device."), ("b", "nas", "A link is between two devices."),
            ("reason", "", "Say what the link is for"), ("duration", "soon", "Choose how long."), ("a", "tag:field", "There is no device"),
        ] {
            let answer = try ask([field: value])
            #expect(answer.status == 422 && answer.text.contains(message), "\(message)")
            #expect(field == "b" || answer.text.contains("value=\"laptop\""))
        }
        #expect(try hub.database.read { try $0.linkRequests(at: World.start) }.isEmpty)
    }

    @Test func `cannot end, extend, grant or refuse anything`() throws {
        _ = try ask()
        let request = try #require(try hub.database.read { try $0.linkRequests(at: World.start) }.first).id
        _ = try admin.post("/links", ["a": "nas", "b": "laptop", "do": "link", "duration": "3600"])
        let link = try #require(try hub.database.read { try $0.timedLinks() }.first).id
        for path in ["/links/timed/\(link)/end", "/links/timed/\(link)/extend", "/links/requests/\(request)/refuse", "/links"] {
            #expect(try viewer.post(path, on: "/links/ask", ["duration": "3600"].filter { _ in path.hasSuffix("extend") }).status == 403, "\(path)")
        }
        #expect(try hub.database.read { try $0.timedLinks() }.count == 1)
    }
}
