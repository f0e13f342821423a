// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The history of a device in the API` {
    @Test func `has its traffic, in cells of one width, as the device sees it`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let minute = World.start.seconds / 60
        try hub.database.write { try $0.recordTraffic([(device.publicKey, TrafficCell(received: 500, sent: 7_000))], minute: minute) }
        let api = try hub.api(.read)
        let hour = try api.send("GET", "/devices/\(device.id)/traffic?range=1h").json()
        #expect(hour["step_seconds"] == 60)
        #expect(hour["cells"]?.array?.count == 60)
        #expect(hour["cells"]?.array?.last == ["at": .string(World.start.iso), "received_bytes": 7_000, "sent_bytes": 500])
        let day = try api.send("GET", "/devices/\(device.id)/traffic").json()
        #expect(day["range"] == "24h")
        #expect(day["cells"]?.array?.count == 96)
        #expect(day["cells"]?.array?.last?["received_bytes"] == 7_000)
    }

    @Test func `is refused for ranges that are not kept, and for unknown devices`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let api = try hub.api(.read)
        let answer = try api.send("GET", "/devices/\(device.id)/traffic?range=2h")
        #expect(answer.status == 400)
        #expect(answer.text.contains("“range” must be one of 1h, 24h, 30d, 1y."))
        #expect(try api.send("GET", "/devices/nobody/traffic").status == 404)
        #expect(try api.send("GET", "/devices/nobody/sessions").status == 404)
        #expect(try hub.api(.devices).send("GET", "/devices/\(device.id)/traffic").status == 403)
    }

    @Test func `has its sessions, newest first`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        for (ago, place) in [(7_200, "198.51.100.7:40000"), (60, "203.0.113.9:51820")] as [(Int64, String)] {
            let at = World.start.adding(seconds: -ago)
            let seen = PeerSight(publicKey: device.publicKey, endpoint: Endpoint(place), lastHandshakeAt: at)
            try hub.database.write { try $0.recordOnlinePeriods(of: [seen]) }
        }
        let sessions = try hub.api(.read).send("GET", "/devices/\(device.id)/sessions").json()["sessions"]?.array
        #expect(sessions?.map { $0["endpoint"] } == ["203.0.113.9:51820", "198.51.100.7:40000"])
        #expect(sessions?.first?["began_at"] == .string(World.start.adding(seconds: -60).iso))
    }
}
