// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `Every page` {
    static let markup = "<script>alert(1)</script>\"'`"

    /// A hub with a device in each state and a one-sided link. All names contain markup.
    private func full() throws -> (TestSite, [String]) {
        let hub = try TestSite()
        let online = try hub.add("\(Self.markup) 1", description: Self.markup)
        let oneSided = try hub.add("\(Self.markup) 2", reaching: ["10.3.2.2/32"])
        let own = try hub.add("\(Self.markup) 3", reaching: [], routes: ["192.168.7.0/24"], publicKey: PrivateKey.generate().publicKey)
        hub.hear(from: online)
        hub.world.engine.withLock {
            $0.drops = [.badMac1: 3, .notInAllowedIPs: 12]
            $0.pairDrops = [
                HubStatus.PairDrop(
                    reason: .notInAllowedIPs, from: online.publicKey, to: oneSided.publicKey, count: 12, lastAt: World.start.adding(seconds: -7))
            ]
            $0.socketLosses = ["udp_rcvbuf_errors": 2]
            $0.lastApply = HubStatus.Apply(changedPeers: 1, sessionsDropped: 0, microseconds: 812)
            $0.hostAddresses = [IPAddress("203.0.113.9")]
        }
        let ids = [online.id, oneSided.id, own.id]
        return (
            hub,
            [
                "/devices", "/devices?q=nothing", "/map", "/map?tag=none", "/map?alone=yes", "/devices?sort=-rate&state=online", "/devices/new",
                "/settings/defaults", "/reachability",
                "/status", "/devices?state=old_file",
                "/reachability?from=\(ids[0])&to=\(ids[1])", "/reachability?from=\(ids[2])&to=\(ids[0])", "/audit", "/admins", "/admins/new",
                "/account", "/account/tokens/new",
            ]
                + ids.flatMap {
                    [
                        "/devices/\($0)", "/devices/\($0)?range=1y", "/settings/\($0)/edit", "/devices/\($0)/delete",
                        "/devices/\($0)/rotate-key", "/devices/\($0)/forget-time",
                    ]
                }
        )
    }

    @Test func `is rendered, and shows markup in names as text`() throws {
        let (hub, paths) = try full()
        let browser = try hub.signedIn()
        for path in paths {
            let answer = try browser.get(path)
            #expect(answer.status == 200, "\(path)")
            #expect(!answer.text.contains("<script>alert"), "\(path)")
            #expect(answer.response.fields["Content-Type"] == "text/html; charset=utf-8")
        }
        #expect(try browser.get("/devices").text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&#96; 1"))
    }

    @Test func `has no inline style or script, nothing foreign, and the security headers`() throws {
        let (hub, paths) = try full()
        let browser = try hub.signedIn()
        for path in paths + ["/login", "/nothing", "/healthz"] {
            let answer = try browser.get(path)
            #expect(!answer.text.contains(/\sstyle="|\son[a-z]+="|<style|https?:\/\//), "\(path)")
            #expect(answer.response.fields["Content-Security-Policy"]?.contains("default-src 'none'; script-src 'self'") == true)
            #expect(answer.response.fields["X-Content-Type-Options"] == "nosniff")
            #expect(answer.response.fields["Referrer-Policy"] == "same-origin")
            #expect(answer.response.fields["Cache-Control"] == "no-store")
        }
    }

    /// The settings that Status leads to.
    private static let ofStatus = ["/settings/networks", "/settings/names", "/settings/gateway"]

    @Test func `below a path has no address outside of it`() throws {
        let (hub, paths) = try full()
        try hub.move(to: "https://example.org/vpn")
        let browser = try hub.signedIn()
        browser.base = "/vpn"
        var count = 0
        for path in paths + ["/login", "/nothing", "/welcome", "/account/totp/new", "/links", "/changes/1"] + Self.ofStatus {
            // Other attributes with paths are the ones of forms that the hub reads again, and keys to copy, of which one in 64 begins with a slash.
            let addresses = try browser.get(path).text.matches(of: /\s([a-z-]+)="(\/[^"]*)"/).filter { !["value", "data-copy"].contains($0.1) }
            #expect(addresses.filter { !$0.2.hasPrefix("/vpn/") }.map(\.0) == [], "\(path)")
            count += addresses.count
        }
        #expect(count > 500)
    }

    @Test func `writes nothing if the event loop may answer it`() throws {
        let (hub, paths) = try full()
        let (browser, api) = (try hub.signedIn(), try hub.api(.read, .devices, .metrics))
        let id = try hub.database.read { try $0.devices()[0].id }
        let ofDevice = ["", "/config", "/qr.svg", "/traffic", "/sessions", "/partners"].map { "/devices/\(id)\($0)" }
        let ofHub = ["/defaults", "/status", "/drops", "/drops/pairs", "/audit", "/links", "/rules", "/gateway", "/openapi.json"]
        let calls = ofDevice + ["/devices"] + ofHub
        let pages = paths + ["/login", "/welcome", "/account/totp/new", "/links"] + Self.ofStatus
        hub.world.advance(seconds: 90)
        let version = try hub.database.dataVersion()
        var count = 0
        for path in pages + calls.map({ "/api/v1\($0)" }) {
            let request = try Request(text: "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            guard hub.site.application.quickRoute(request) != nil else { continue }
            count += 1
            let status = path.hasPrefix("/api/v1") ? try api.send("GET", String(path.dropFirst(7))).status : try browser.get(path).status
            #expect(status < 400, "\(path)")
            #expect(try hub.database.dataVersion() == version, "\(path)")
        }
        #expect(count > 40)
    }

    @Test func `is a worker's task if it writes`() throws {
        let site = try TestSite().site
        for (line, isQuick) in [
            ("GET /devices", true), ("HEAD /devices", true), ("POST /login", false), ("GET /healthz", false), ("GET /nothing", false),
        ] {
            let request = try Request(text: "\(line) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
            #expect((site.application.quickRoute(request) != nil) == isQuick, "\(line)")
        }
    }

    @Test func `shows the database at one moment, even if somebody changes it meanwhile`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        hub.world.asked.withLock { $0 = { [unowned hub] in _ = try? hub.add("latecomer") } }
        let page = try browser.get("/devices").text
        hub.world.asked.withLock { $0 = {} }
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == ["latecomer"])
        #expect(page.contains("No device yet"))
        #expect(page.contains(">1 change waiting<"))
        #expect(try browser.get("/devices").text.contains("latecomer"))
    }

    @Test func `of the list and the status says that the host has moved, and the log does so once`() throws {
        let lines = Lines()
        let hub = try TestSite(endpoint: "203.0.113.7:51820", log: lines.logger)
        hub.world.engine.withLock { $0.hostAddresses = [IPAddress("203.0.113.9")] }
        for path in ["/devices", "/status"] {
            #expect(try hub.signedIn().get(path).text.contains("Devices connect to 203.0.113.7:51820, but this host has no such address."), "\(path)")
        }
        for _ in 0..<3 { hub.site.beat() }
        #expect(lines.all.withLock { $0.count { $0.contains("203.0.113.7") } } == 1)
    }

    @Test func `shows the applied mark`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        #expect(try browser.get("/devices").text.contains(">1 change waiting<"))
        try hub.database.write { try $0.acknowledge(generation: 1, at: World.start) }
        #expect(try browser.get("/devices").text.contains(">all applied<"))
    }

    @Test func `uses the theme that the user chose there`() throws {
        let browser = try TestSite().signedIn()
        #expect(try browser.get("/status").text.contains("<html lang=\"en\" class=\"\">"))
        let answer = try browser.post("/account/theme", on: "/status", ["theme": "dark", "next": "/status"])
        #expect(answer.location == "/status")
        #expect(try browser.get("/status").text.contains("<html lang=\"en\" class=\"dark\">"))
    }

    @Test func `that does not exist is a page with the number of the request`() throws {
        let answer = try TestSite().signedIn().get("/nothing")
        #expect(answer.status == 404)
        #expect(answer.text.contains("<h1>Not Found</h1>"))
        #expect(answer.text.contains("request <span class=\"mono\">test</span>"))
    }
}

@Suite struct `The list of devices` {
    @Test func `says what to do while it is empty`() throws {
        #expect(try TestSite().signedIn().get("/devices").text.contains("Add the first device"))
    }

    @Test func `finds by name, address and key, whatever the case`() throws {
        let hub = try TestSite()
        let nas = try hub.add("Berlin-NAS")
        try hub.add("office-gw")
        let browser = try hub.signedIn()
        for search in ["berlin", "10.3.2.2", PageAddress.encoded(nas.publicKey.base64)] {
            let text = try browser.get("/devices?q=\(search)").text
            #expect(text.contains(">Berlin-NAS<"))
            #expect(!text.contains(">office-gw<"))
            #expect(text.contains("1 of 2 devices"))
        }
    }

    @Test func `sorts by address and keeps the order in the address of the page`() throws {
        let hub = try TestSite()
        for name in ["c", "b", "a"] { try hub.add("device-\(name)") }
        let text = try hub.signedIn().get("/devices?sort=-address").text
        let names = text.matches(of: /class="name" href="[^"]+">device-(.)</).map { String($0.1) }
        #expect(names == ["a", "b", "c"])
        #expect(text.contains("aria-sort=\"descending\""))
    }

    @Test func `has pages of fifty`() throws {
        let hub = try TestSite()
        for number in 0..<51 { try hub.add("device-\(100 + number)") }
        let browser = try hub.signedIn()
        #expect(try browser.get("/devices").text.matches(of: /<tr data-device/).count == 50)
        let second = try browser.get("/devices?page=2").text
        #expect(second.matches(of: /<tr data-device/).count == 1)
        #expect(second.contains(">device-150<"))
    }

    @Test func `shows each state as a word with its rule`() throws {
        let hub = try TestSite()
        hub.hear(from: try hub.add("online"), ago: 4)
        hub.hear(from: try hub.add("stale"), ago: 181)
        try hub.add("new")
        let text = try hub.signedIn().get("/devices").text
        #expect(text.contains("<span class=\"rule\">Heard from within 3 minutes.</span>"))
        #expect(text.contains("class=\"state stale\""))
        #expect(text.contains("class=\"state never_seen\""))
    }

    @Test func `marks devices that send no data and those whose file is old, and filters by that`() throws {
        let hub = try TestSite()
        let (silent, busy, old) = (try hub.add("silent"), try hub.add("busy"), try hub.add("old"))
        for device in [silent, busy] { hub.hear(from: device) }
        hub.world.engine.withLock { $0.peers[busy.publicKey]?.lastDataAt = World.start.adding(seconds: -7) }
        try hub.database.write { try $0.noteConfigFetched(ofDevice: old.id, at: World.start) }
        _ = try hub.database.change(by: .system, at: World.start) {
            var edited = try $0.device(old.id)
            edited.overrides.mtu = .own(1400)
            try $0.update(edited)
        }
        let browser = try hub.signedIn()
        #expect(try browser.get("/devices").text.matches(of: /title="[^"]+">handshake but no data</).count == 1)
        #expect(try names(browser.get("/devices?state=no_data")) == ["silent"])
        #expect(try names(browser.get("/devices?state=old_file")) == ["old"])
        #expect(try names(browser.get("/devices?state=online")) == ["busy", "silent"])
    }

    @Test func `draws the last 24 hours of each device`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        try hub.add("quiet")
        let minute = World.start.seconds / 60
        try hub.database.write {
            try $0.recordTraffic([(device.publicKey, TrafficCell(received: 500_000, sent: 700_000))], minute: minute - 40)
            // Traffic counts once its quarter of an hour is over.
            try $0.recordTraffic([(device.publicKey, TrafficCell(received: 1, sent: 1))], minute: minute - 1)
        }
        let text = try hub.signedIn().get("/devices").text
        #expect(text.matches(of: /<polyline points="/).count == 1)
        #expect(text.contains(/<title>1.2 MB in the last 24 hours, at most 33\d B\/s<\/title>/))
    }

    @Test func `counts the devices of each state and mark, and each count filters`() throws {
        let hub = try TestSite()
        let (busy, twin) = (try hub.add("busy"), try hub.add("twin"))
        for device in [busy, twin] { hub.hear(from: device) }
        hub.world.engine.withLock {
            for device in [busy, twin] { $0.peers[device.publicKey]?.lastDataAt = World.start }
            $0.contestedKeys[twin.publicKey] = ["198.51.100.7:1", "198.51.100.8:1"].compactMap { Endpoint($0) }
        }
        try hub.add("new")
        let browser = try hub.signedIn()
        let chips = { (path: String) in
            try browser.get(path).text.matches(of: /<a class="chip[^"]*" href="([^"]+)"[^>]*><span[^>]*><\/span><span>([^<]+)</).map {
                "\($0.2) \($0.1)"
            }
        }
        let all = ["2 online /devices?state=online", "1 never seen /devices?state=never_seen", "1 copied key /devices?state=shared_key"]
        #expect(try chips("/devices") == all)
        #expect(try chips("/devices?state=online")[0] == "2 online /devices")
        #expect(try names(browser.get("/devices?state=shared_key")) == ["twin"])
    }

    @Test func `shows more columns if asked, in this browser or by the address`() throws {
        let hub = try TestSite()
        hub.hear(from: try hub.add("nas"))
        let browser = try hub.signedIn()
        #expect(try !browser.get("/devices").text.contains("fd00::3:2:2"))
        let answer = try browser.post(
            "/devices/columns", on: "/devices", pairs: [("q", "n"), ("column", "endpoint"), ("column", "ipv6"), ("column", "nothing")])
        #expect(answer.location == "/devices?q=n&columns=ipv6.endpoint")
        for page in [try browser.get("/devices").text, try hub.signedIn().get("/devices?columns=ipv6.endpoint").text] {
            #expect(page.contains("fd00::3:2:2") && page.contains("198.51.100.7:40000") && !page.contains("Traffic of 30 days</th>"))
        }
        #expect(try browser.get("/devices?columns=none").text.contains("fd00::3:2:2") == false)
        #expect(try browser.get("/devices?columns=traffic.created").text.contains("Traffic of 30 days</th>"))
    }

    @Test func `has no stops in a row besides its links and boxes`() throws {
        let hub = try TestSite()
        try hub.add("nas", description: "in the cellar")
        let page = try hub.signedIn().get("/devices").text
        let row = try #require(page.firstMatch(of: /<tr data-device.*?\n<\/tbody>/.dotMatchesNewlines())?.0)
        #expect(!row.contains("tabindex") && row.contains("title=\"in the cellar\"") && !row.contains(">in the cellar<"))
    }

    @Test func `finds in all scripts without regard to case`() throws {
        let hub = try TestSite()
        try hub.add("Köln-Gateway", description: "ΣΟΦΙΑ")
        let browser = try hub.signedIn()
        for search in ["KÖLN", "gate", "σοφια"] { #expect(try names(browser.get("/devices?q=\(PageAddress.encoded(search))")) == ["Köln-Gateway"]) }
        #expect(try names(browser.get("/devices?q=koln")) == [])
    }

    private func names(_ answer: Answer) -> [String] { answer.text.matches(of: /class="name" href="[^"]+">([^<]+)</).map { String($0.1) } }
}
