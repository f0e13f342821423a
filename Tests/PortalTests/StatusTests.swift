// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The status page` {
    @Test func `leads to the devices of each state, and names the newest events first`() throws {
        let hub = try TestSite()
        let (a, _) = (try hub.add("nas"), try hub.add("printer"))
        hub.hear(from: a)
        let page = try hub.signedIn().get("/status").text
        #expect(page.contains("href=\"/devices?state=online\"") && page.contains("<span>1 online</span>"))
        #expect(page.contains("href=\"/devices?state=never_seen\"") && page.contains("<span>1 never seen</span>"))
        #expect(!page.contains("href=\"/devices?state=disabled\""))
        let events = page.matches(of: /<a href="\/changes\/\d+">(Added [a-z]+)<\/a>/).map { String($0.1) }
        #expect(events == ["Added printer", "Added nas"])
        #expect(page.contains("No traffic now."))
        #expect(page.contains(/<dt>Disk<\/dt><dd>[0-9.]+ [MGT]B free<\/dd>/))
    }

    @Test func `draws the traffic and the connected devices of a day, and renews them`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        let browser = try hub.signedIn()
        #expect(try browser.get("/status").text.contains("No device was online."))
        let minute = World.start.seconds / 60
        try hub.database.write { transaction in
            try transaction.recordTraffic([(nas.publicKey, TrafficCell(received: 500_000, sent: 700_000))], minute: minute - 2)
            let heard = World.start.adding(seconds: -60)
            try transaction.recordOnlinePeriods(of: [
                PeerSight(publicKey: nas.publicKey, endpoint: Endpoint("192.0.2.7:1"), lastHandshakeAt: heard)
            ])
        }
        // Within the minute, the day is not read again.
        #expect(try browser.get("/status").text.contains("No device was online."))
        hub.world.advance(seconds: 60)
        for path in ["/status", "/status/live"] {
            let page = try browser.get(path).text
            #expect(page.contains(/Traffic in 24 hours: ↓ 7\d\d kB, ↑ 5\d\d kB; at most/))
            #expect(page.contains("Devices online in 24 hours: between 0 and 1"))
            #expect(page.contains("id=\"past\""))
        }
    }

    @Test func `has a version that changes with the hub, and every ten seconds`() throws {
        let hub = try TestSite()
        let version = { try LiveFeed.version(hub.site.overview(at: hub.site.now())) }
        let first = try version()
        #expect(try version() == first)
        try hub.add("nas")
        let second = try version()
        #expect(second != first)
        hub.world.advance(seconds: 10)
        #expect(try version() != second)
    }

    @Test func `lists the busiest devices, and folds the pairs of each drop into its reason`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("nas"), try hub.add("printer"))
        hub.world.engine.withLock {
            $0.drops = [.notInAllowedIPs: 12]
            $0.pairDrops = [HubStatus.PairDrop(reason: .notInAllowedIPs, from: a.publicKey, to: b.publicKey, count: 12, lastAt: World.start)]
        }
        let start = ContinuousClock.now
        let sights = { (share: Int64) in
            let busy = PeerSight(publicKey: b.publicKey, receivedBytes: 4_000 * share, sentBytes: 2_000 * share)
            return [b.publicKey: busy, a.publicKey: PeerSight(publicKey: a.publicKey, sentBytes: 100 * share)]
        }
        hub.site.rates.take(sights(0), at: start)
        hub.site.rates.take(sights(1), at: start + .seconds(1))
        let page = try hub.signedIn().get("/status").text
        let busiest = page.matches(of: /<tr><td><a href="\/devices\/[^"]+">([a-z]+)<\/a><\/td><td class="number"><span class="rates">/)
        #expect(busiest.map { String($0.1) } == ["printer", "nas"])
        #expect(page.contains("<a href=\"/devices/\(b.id)\">printer</a></td><td class=\"number\"><span class=\"rates\"><span>↓ 2 kB/s</span>"))
        #expect(page.contains("nas → printer: 12"))
    }

    @Test func `names the interface to the host, and what is wrong with it`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        #expect(try browser.get("/status").text.contains("<dt>Interface to the host</dt><dd><a class=\"badge\" href=\"/settings/gateway\">"))
        let api = try hub.api(.read)
        #expect(try api.send("GET", "/status").json()["gateway"] == .null)
        hub.world.engine.withLock { $0.gateway = Gateway(tun: "hp0", trouble: .gone) }
        let page = try browser.get("/status").text
        #expect(page.contains("<dt>Interface to the host</dt><dd><span class=\"mono\">hp0</span> "))
        #expect(page.contains("<div class=\"notice bad\" role=\"alert\"><p>The interface hp0 is gone. Restart the hub.</p></div>"))
        let gateway = try api.send("GET", "/status").json()["gateway"]
        #expect(gateway?["tun"] == "hp0")
        #expect(gateway?["egress4"] == .null)
        #expect(gateway?["problem"] == "The interface hp0 is gone. Restart the hub.")
    }
}
