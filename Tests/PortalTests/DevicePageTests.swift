// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Testing

@testable import Portal
import Words

@Suite struct `The page of a device` {
    @Test func `shows for each setting whether hub and file have it`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let words = { (label: String) in
            try browser.get("/devices/\(device.id)").text.firstMatch(of: try Regex("<dt>\(label)</dt><dd>.*?badge mark [a-z]*\">([^<]+)<"))?[1]
                .substring
                .map(String.init)
        }
        #expect(try words("Allowed IPs") == "waiting")
        #expect(try words("DNS") == "file not delivered yet")
        try hub.acknowledgeAll()
        #expect(try words("Allowed IPs") == "applied on the hub")
        try hub.database.write { try $0.noteConfigFetched(ofDevice: device.id, at: World.start) }
        #expect(try words("DNS") == "in its file")
        try hub.database.change(by: .system, at: World.start) {
            var edited = try $0.device(device.id)
            edited.overrides.dns = .own([DNSEntry("9.9.9.9")!])
            edited.overrides.allowedIPs = .own([])
            try $0.update(edited)
        }
        #expect(try words("DNS") == "the device needs its new file")
        #expect(try words("Allowed IPs") == "waiting")
        try hub.acknowledgeAll()
        #expect(try words("Allowed IPs") == "the device needs its new file")
        #expect(try words("Keepalive") == "applied on the hub")
        #expect(try words("Public key") == "applied on the hub")
    }

    @Test func `shows which version of its file was delivered`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        #expect(try browser.get("/devices/\(device.id)").text.contains("Not delivered yet."))
        _ = try browser.download(device)
        #expect(try browser.get("/devices/\(device.id)").text.contains("as of change \(device.configRevision): the newest."))
    }

    @Test func `leads from each entry of its history, and from a disable, to the change and its undo`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let answer = try browser.post("/devices/\(device.id)/disable", on: "/devices/\(device.id)")
        let change = try hub.database.read { try $0.generation().desired }
        #expect(answer.location == "/devices/\(device.id)?change=\(change)&done=disabled")
        let page = try browser.get(try #require(answer.location)).text
        #expect(page.contains("Disabled. The hub no longer answers. <a href=\"/changes/\(change)\">View or undo this change</a>"))
        #expect(page.contains("<a class=\"note\" href=\"/changes/\(change)\">View or undo this change</a>"))
        #expect(try browser.post("/changes/\(change)/revert", on: "/changes/\(change)").status == 303)
        #expect(try hub.database.read { try $0.device(device.id).enabled })
    }

    @Test func `lists its sessions with endpoint and time`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        hub.hear(from: device)
        let endpoints = [(-7200, "203.0.113.5:40000"), (-600, "198.51.100.7:40000")] as [(Int64, String)]
        for (ago, endpoint) in endpoints {
            let seen = PeerSight(
                publicKey: device.publicKey, endpoint: Endpoint(endpoint), lastHandshakeAt: World.start.adding(seconds: ago))
            try hub.database.write { try $0.recordOnlinePeriods(of: [seen]) }
        }
        let text = try hub.signedIn().get("/devices/\(device.id)").text
        #expect(text.contains("<dt>Session</dt><dd>for 10 min</dd>"))
        #expect(text.contains("data-label=\"ended\">now</td><td class=\"nowrap\" data-label=\"lasted\">10 min</td>"))
        #expect(text.contains("<td class=\"mono\">198.51.100.7:40000</td>"))
        #expect(text.contains("<td class=\"mono\">203.0.113.5:40000</td>"))
    }

    @Test func `never mixes up downloads and uploads`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        // The hub sent 7 MB and received 2 kB, so the device downloaded 7 MB.
        let minute = World.start.seconds / 60 - 5
        try hub.database.write { try $0.recordTraffic([(device.publicKey, TrafficCell(received: 2_000, sent: 7_000_000))], minute: minute) }
        for range in TrafficChart.Range.allCases {
            let text = try hub.signedIn().get("/devices/\(device.id)?range=\(range.rawValue)").text
            #expect(text.contains("Last \(range.label): ↓ 7 MB, ↑ 2 kB;"), "\(range)")
            #expect(text.contains("<td class=\"number\">7 MB</td><td class=\"number\">2 kB</td>"))
        }
    }

    @Test func `offers a file that has the name of the device in any script, and one that wg-quick takes`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        for (name, disposition) in [
            ("nas", "attachment; filename=\"nas.conf\""),
            ("東京 \"1\"", "attachment; filename=\"1-.conf\"; filename*=UTF-8''%E6%9D%B1%E4%BA%AC%20%221%22.conf"),
        ] {
            let device = try hub.add(name)
            #expect(try browser.download(device).response.fields["Content-Disposition"] == disposition)
        }
    }
}

@Suite struct `A traffic chart` {
    private func chart(_ cells: [(ago: Int64, TrafficCell)], _ range: TrafficChart.Range) throws -> TrafficChart {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let minute = World.start.seconds / 60
        try hub.database.write { for (ago, cell) in cells { try $0.recordTraffic([(device.publicKey, cell)], minute: minute - ago) } }
        let history = try hub.database.read { try $0.traffic(ofDevice: device.id) }
        let entries = try hub.database.read { try $0.auditEntries(target: "device/\(device.id)", limit: 5) }
        return TrafficChart(id: device.id, history: history, range: range, changes: entries, now: World.start)
    }

    @Test func `draws nothing if there was no traffic`() throws {
        let chart = try chart([], .hour)
        #expect(!chart.isAnything)
        #expect(chart.summary.description == "Nothing in the last 1 hour.")
    }

    @Test func `has a point for each cell, inside the picture, and the peak at its place`() throws {
        let chart = try chart([(30, TrafficCell(sent: 60_000)), (10, TrafficCell(received: 6_000, sent: 30_000))], .hour)
        let (up, down) = (chart.upLine, chart.downLine)
        let points = { (line: String) in
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            return stride(from: 0, to: numbers.count, by: 2).map { (x: numbers[$0], y: numbers[$0 + 1]) }
        }
        #expect(points(up).count == 60)
        #expect(points(down).count == 62)
        #expect((points(up) + points(down)).allSatisfy { (0...720).contains($0.x) && (0...160).contains($0.y) })
        #expect(points(down).map(\.y).min() == 0)
        #expect(Amount.rate(chart.most).description == "1 kB/s")
        #expect(Amount.rate(chart.most / 2).description == "500 B/s")
    }

    @Test func `marks the changes of its time`() throws {
        let chart = try chart([(3, TrafficCell(sent: 1))], .hour)
        #expect(chart.named.count == 1)
        #expect(chart.marks.count == 1)
    }
}

extension TestSite {
    func acknowledgeAll() throws {
        try database.write { try $0.acknowledge(generation: $0.generation().desired, at: World.start) }
    }
}
