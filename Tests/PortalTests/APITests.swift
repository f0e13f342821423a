// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import HTTP
import Net
import Store
import Synchronization
import Testing

@testable import Portal
import Words

@Suite struct `The API` {
    @Test func `adds a device and returns its private key once`() throws {
        let hub = try TestSite()
        let api = try hub.api(.read, .devices)
        let answer = try api.send("POST", "/devices", ["name": "nas", "allowed_ips": ["10.3.2.3"], "mtu": 1280, "persistent_keepalive": 0])
        #expect(answer.status == 201)
        let object = try answer.json()
        let key = try #require(object["private_key"]?.string.flatMap { PrivateKey(base64: $0) })
        #expect(object["public_key"]?.string == key.publicKey.base64)
        #expect(object["config"]?.string?.contains("AllowedIPs = 10.3.2.3/32\n") == true)
        #expect(object["dns"] == .null)
        #expect(object["effective"]?["mtu"] == 1280)
        let id = try #require(object["id"]?.string)
        #expect(answer.response.fields["Location"] == "/api/v1/devices/\(id)")
        let again = try api.send("GET", "/devices/\(id)").json()
        #expect(again["private_key"] == nil)
        #expect(again["ipv4"] == "10.3.2.2")
        #expect(again["status"]?["state"] == "never_seen")
        #expect(try api.send("GET", "/devices/\(id)/config").text == object["config"]?.string)
        #expect(try api.send("GET", "/devices").json()["devices"]?.array?.count == 1)
    }

    @Test func `changes only the named members, and null means the default`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas", reaching: ["10.3.2.9/32"])
        let api = try hub.api(.devices)
        let answer = try api.send(
            "PATCH", "/devices/\(device.id)", ["enabled": false, "allowed_ips": nil, "endpoint": "", "expires_at": "2028-01-01T00:00:00Z"])
        #expect(answer.status == 200)
        let edited = try hub.device(device.id)
        #expect(!edited.enabled)
        #expect(edited.overrides == Overrides(endpoint: .own(nil)))
        #expect(edited.expiresAt?.iso == "2028-01-01T00:00:00Z")
        #expect(edited.name == "nas")
        #expect(try answer.json()["endpoint"] == "")
    }

    @Test func `answers 412 for an ETag that is no longer the newest`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let api = try hub.api(.read, .devices)
        let tag = try #require(try api.send("GET", "/devices/\(device.id)").response.fields["ETag"])
        #expect(try api.send("PATCH", "/devices/\(device.id)", ["name": "a"], fields: ["If-Match: \(tag)"]).status == 200)
        for (method, body) in [("PATCH", ["name": "b"] as JSON), ("DELETE", nil)] {
            let answer = try api.send(method, "/devices/\(device.id)", body, fields: ["If-Match: \(tag)"])
            #expect(answer.status == 412)
            #expect(answer.response.fields["Content-Type"] == "application/problem+json")
        }
        #expect(try hub.device(device.id).name == "a")
        #expect(try api.send("DELETE", "/devices/\(device.id)").status == 204)
        #expect(try api.send("GET", "/devices/\(device.id)").status == 404)
    }

    @Test func `says which members break which rule`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let answer = try hub.api(.devices).send("PATCH", "/devices/\(device.id)", ["allowed_ips": ["10.3.2.300"], "persistent_keepalive": 65_536])
        #expect(answer.status == 422)
        let errors = try answer.json()["errors"]?.array ?? []
        #expect(errors.compactMap { $0["field"]?.string }.sorted() == ["allowed_ips", "persistent_keepalive"])
        #expect(try hub.device(device.id) == device)
    }

    @Test(arguments: [
        ("{\"name\":\"a\",\"role\":\"admin\"}", "application/json", 400), ("{\"name\":{}}", "application/json", 400),
        ("{\"allowed_ips\":[\"10.0.0.1, 10.0.0.2\"]}", "application/json", 400), ("[]", "application/json", 400),
        ("name=a", "application/x-www-form-urlencoded", 415),
    ])
    func `refuses a body that does not match its description`(body: String, type: String, status: Int) throws {
        let hub = try TestSite()
        let api = try hub.api(.devices)
        let request = try Request(
            text: "POST /api/v1/devices HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(api.token)\r\nContent-Type: \(type)\r\n\r\n",
            body: Array(body.utf8))
        #expect(hub.site.application.answer(to: request).status.code == status)
    }

    /// A form accepts any text. Any unknown word for `enabled` would disable the device.
    @Test(arguments: [
        ("{\"enabled\":\"yes\"}", "enabled", "true or false"), ("{\"enabled\":null}", "enabled", "true or false"),
        ("{\"name\":7}", "name", "a text"), ("{\"ipv4\":false}", "ipv4", "a text or null"), ("{\"routes\":\"10.9.0.0/16\"}", "routes", "a list"),
        ("{\"dns\":[1]}", "dns", "a list"), ("{\"mtu\":\"1400\"}", "mtu", "an integer or null"),
        ("{\"persistent_keepalive\":true}", "persistent_keepalive", "an integer or null"),
    ])
    func `accepts each member only with its own type`(body: String, member: String, kind: String) throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let answer = try hub.api(.devices).send("PATCH", "/devices/\(device.id)", JSON(parsing: Array(body.utf8)))
        #expect(answer.status == 400)
        #expect(answer.text.contains("“\(member)” must be \(kind)"))
        #expect(try hub.device(device.id) == device)
    }

    /// API clients get problem documents and people get pages, even if no handler runs.
    @Test(arguments: [
        ("GET /api/v1/devices?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400, "application/problem+json"),
        ("BREW /api/v1/devices HTTP/1.1\r\nHost: h\r\n\r\n", 501, "application/problem+json"),
        ("GET /api/v1/devices HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400, "application/problem+json"),
        ("GET /devices?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400, "text/html; charset=utf-8"),
        ("GET /\u{1}api/v1/devices HTTP/1.1\r\nHost: h\r\n\r\n", 400, "text/html; charset=utf-8"),
    ])
    func `refuses unreadable requests in its own format`(text: String, status: Int, type: String) throws {
        let hub = try TestSite()
        let error = try #require(throws: HTTPError.self) { _ = try Request(text: text) }
        let answer = hub.site.application.refuse(error, nil, "7")
        #expect(answer.status.code == status)
        #expect(answer.fields["Content-Type"] == type)
    }

    @Test func `counts the file in its answer as handed out`() throws {
        let hub = try TestSite()
        let api = try hub.api(.read, .devices)
        let added = try api.send("POST", "/devices", ["name": "nas"]).json()
        let id = try #require(added["id"]?.string)
        #expect(added["config_stale"] == false)
        #expect(try hub.device(id).fetchedConfigRevision == hub.device(id).configRevision)
        _ = try api.send("PATCH", "/devices/\(id)", ["mtu": 1280])
        #expect(try api.send("GET", "/devices/\(id)").json()["config_stale"] == true)
        #expect(try api.send("POST", "/devices/\(id)/rotate-key").json()["config_stale"] == false)
        #expect(try api.send("GET", "/devices/\(id)").json()["config_stale"] == false)
        // An answer without a file hands out none.
        let key = PrivateKey.generate().publicKey.base64
        let other = try #require(try api.send("POST", "/devices", ["name": "tower", "public_key": .string(key)]).json()["id"]?.string)
        #expect(try hub.device(other).fetchedConfigRevision == nil)
    }

    @Test func `hands out nothing by reading, unless it says that the file is installed`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let api = try hub.api(.devices)
        #expect(try api.send("GET", "/devices/\(device.id)/config").text.contains("PrivateKey = "))
        #expect(try api.send("GET", "/devices/\(device.id)/qr.svg").status == 200)
        #expect(try hub.device(device.id).fetchedAt == nil)
        #expect(try api.send("POST", "/devices/\(device.id)/installed").json()["config_stale"] == false)
        #expect(try hub.device(device.id).fetchedConfigRevision == device.configRevision)
        #expect(try hub.api(.read).send("POST", "/devices/\(device.id)/installed").status == 403)
    }

    @Test func `takes null for no address, in a new device as in a change`() throws {
        let hub = try TestSite()
        let api = try hub.api(.devices)
        let added = try api.send("POST", "/devices", ["name": "nas", "ipv6": nil]).json()
        #expect(added["ipv6"] == .null)
        #expect(added["ipv4"] == "10.3.2.2")
        let id = try #require(added["id"]?.string)
        #expect(try api.send("PATCH", "/devices/\(id)", ["ipv4": nil]).json()["ipv4"] == .null)
    }

    @Test func `lets routes overlap only when told so`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let api = try hub.api(.devices)
        let refused = try api.send("POST", "/devices", ["name": "tower", "routes": ["10.3.2.0/28"]])
        #expect(refused.status == 422)
        #expect(refused.text.contains("10.3.2.0/28 covers 10.3.2.2, the address of nas."))
        #expect(try api.send("POST", "/devices", ["name": "tower", "routes": ["10.3.2.0/28"], "allow_overlap": true]).status == 201)
        #expect(try api.send("PATCH", "/devices/\(device.id)", ["routes": ["10.3.2.0/27"]]).status == 422)
        #expect(try api.send("PATCH", "/devices/\(device.id)", ["routes": ["10.3.2.0/27"], "allow_overlap": true]).status == 200)
    }

    @Test func `answers 405 to a method that no address accepts`() throws {
        let answer = try TestSite().api(.read).send("QUERY", "/devices")
        #expect(answer.status == 405)
        #expect(answer.response.fields["Allow"]?.contains("GET") == true)
    }

    @Test func `rotates a key and returns the new one`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let object = try hub.api(.devices).send("POST", "/devices/\(device.id)/rotate-key").json()
        #expect(object["public_key"]?.string == (try hub.device(device.id).publicKey.base64))
        #expect(object["private_key"]?.string != nil)
    }

    @Test func `forgets the time of a handshake, under the rules of every change`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        #expect(try hub.api(.read).send("POST", "/devices/\(device.id)/forget-time").status == 403)
        let answer = try hub.api(.devices).send("POST", "/devices/\(device.id)/forget-time")
        #expect(answer.status == 200)
        #expect(try answer.json()["public_key"] == .string(device.publicKey.base64))
        #expect(answer.response.fields["ETag"] != DeviceJSON.entityTag(device.revision))
        let stale = try hub.api(.devices).send(
            "POST", "/devices/\(device.id)/forget-time", fields: ["If-Match: \(DeviceJSON.entityTag(device.revision))"])
        #expect(stale.status == 412)
    }

    @Test func `reads and changes the defaults`() throws {
        let api = try TestSite().api(.read, .settings)
        let changed = try api.send("PATCH", "/defaults", ["dns": ["10.3.2.1"], "mtu": 1400])
        #expect(changed.status == 200)
        #expect(try api.send("GET", "/defaults").json()["dns"] == ["10.3.2.1"])
        #expect(try api.send("PATCH", "/defaults", ["mtu": 100]).status == 422)
        #expect(try api.send("PATCH", "/defaults", ["mtu": 0]).json()["mtu"] == .null)
    }

    @Test func `returns status, drops and audit log`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        hub.hear(from: device)
        hub.world.engine.withLock {
            $0.drops = [.badMac1: 3]
            $0.socketLosses = ["udp_rcvbuf_errors": 2]
            $0.lastApply = HubStatus.Apply(changedPeers: 1, sessionsDropped: 0, microseconds: 812)
        }
        let api = try hub.api(.read)
        let status = try api.send("GET", "/status").json()
        #expect(status["desired_generation"] == 2)
        #expect(status["applied_generation"] == 0)
        #expect(status["online"] == 1)
        #expect(status["last_apply"]?["microseconds"] == 812)
        #expect(status["socket_losses"]?["udp_rcvbuf_errors"] == 2)
        let live = try api.send("GET", "/devices/\(device.id)").json()["status"]
        #expect(live?["received_bytes"] == 80_000)
        #expect(live?["last_handshake_at"] == "2027-01-15T07:59:56Z")
        #expect(try api.send("GET", "/drops").json()["bad_mac1"] == 3)
        #expect(try api.send("GET", "/audit").json()["entries"]?.array?.contains { $0["action"] == "device.add" } == true)
    }

    @Test(arguments: [
        "limit=null", "limit=", "limit=-1", "limit=0", "limit=501", "before=1e3", "before=9999999999", "what=secrets", "what=", "from=yesterday",
        "until=2027-02-30",
    ])
    func `refuses a query of the audit log that it does not understand`(query: String) throws {
        #expect(try TestSite().api(.read).send("GET", "/audit?\(query)").status == 400)
    }

    @Test func `returns the drops of a device and of its pairs`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        hub.world.engine.withLock {
            $0.drops = [.notInAllowedIPs: 12, .noRouteToPeer: 5]
            $0.pairDrops = [
                HubStatus.PairDrop(reason: .notInAllowedIPs, from: a.publicKey, to: b.publicKey, count: 12, lastAt: World.start),
                HubStatus.PairDrop(reason: .noRouteToPeer, from: a.publicKey, to: nil, count: 5, lastAt: World.start),
            ]
        }
        let api = try hub.api(.read)
        let drops = try api.send("GET", "/drops?device=\(b.id)").json()
        #expect(drops["not_in_allowed_ips"] == 12)
        #expect(drops["no_route_to_peer"] == 0)
        #expect(try api.send("GET", "/drops?device=nobody").status == 404)
        #expect(try api.send("GET", "/drops/pairs").json()["pairs"]?.array?.count == 2)
        #expect(
            try api.send("GET", "/drops/pairs?device=\(b.id)").json()["pairs"] == [
                [
                    "reason": "not_in_allowed_ips", "from": .string(a.id), "to": .string(b.id), "count": 12, "last_at": "2027-01-15T08:00:00Z",
                ]
            ])
    }

    @Test func `describes itself to a signed-in browser too`() throws {
        let hub = try TestSite()
        #expect(try hub.signedIn().get("/api/v1/openapi.json").status == 200)
        #expect(try Browsing(hub.site).get("/api/v1/openapi.json").status == 401)
        #expect(try hub.signedIn().get("/api/v1/devices").status == 401)
    }

    @Test func `describes every one of its addresses`() throws {
        let answer = try TestSite().api(.read).send("GET", "/openapi.json")
        let paths = try #require((JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any])?["paths"] as? [String: [String: Any]])
        let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) /api/v1\(path)" } })
        #expect(
            described
                == Set(
                    Routes.table.filter { $0.pattern.text.hasPrefix("/api/") }.map {
                        "\($0.method.rawValue) \($0.pattern.text.replacing(":number}", with: "}"))"
                    }))
    }
}

@Suite struct `A monitoring program` {
    @Test func `gets 200 while the hub works, otherwise 503 with the reason`() throws {
        let hub = try TestSite()
        let browser = Browsing(hub.site)
        #expect(try browser.get("/healthz").status == 200)
        hub.world.engine.withLock { $0.problem = "UDP port 51820 is in use." }
        let answer = try browser.get("/healthz")
        #expect(answer.status == 503)
        #expect(answer.text == "engine: UDP port 51820 is in use.\n")
    }

    @Test func `gets counters with a token for metrics, without names`() throws {
        let hub = try TestSite()
        hub.hear(from: try hub.add("secret-name"))
        hub.world.engine.withLock {
            $0.drops = [.badMac1: 3, .tooBig: 5]
            ($0.datagramsReceived, $0.datagramsAccepted) = (20, 17)
        }
        let request = try Request(
            text: "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(hub.api(.metrics).token)\r\n\r\n")
        let text = Answer(hub.site.application.answer(to: request)).text
        #expect(text.contains("hairpin_devices{state=\"online\"} 1\n"))
        #expect(text.contains("hairpin_dropped_packets_total{reason=\"bad_mac1\",direction=\"in\"} 3\n"))
        #expect(text.contains("hairpin_dropped_packets_total{reason=\"too_big\",direction=\"out\"} 5\n"))
        #expect(text.contains("hairpin_received_datagrams_total 20\n"))
        #expect(text.contains("hairpin_accepted_datagrams_total 17\n"))
        #expect(text.contains("hairpin_sent_bytes_total 80000\n"))
        #expect(!text.contains("secret-name"))
    }
}

@Suite struct `Live events` {
    private func open(_ browser: Browsing, _ devices: Device...) throws -> EventStream {
        let query = devices.map(\.id).joined(separator: ",")
        guard case .events(let stream) = try browser.get("/events?devices=\(query)").response.body else { throw HTTPError(.notFound, "no stream") }
        return stream
    }

    /// The next event, one beat later.
    private func next(_ stream: EventStream, _ hub: TestSite) -> (name: String, data: String)? {
        hub.world.advance(seconds: 2)
        guard case .event(let event) = stream.next() else { return nil }
        return (event.name ?? "", event.data)
    }

    /// A stream gives no longer what its page would not (ASVS 7.4.1).
    @Test(arguments: ["ended", "disabled", "second factor required"])
    func `end when their account may no longer see the page`(how: String) throws {
        let hub = try TestSite()
        let stream = try open(hub.signedIn(role: .viewer))
        #expect(next(stream, hub)?.name == "applied")
        try hub.database.write {
            let eve = try #require(try $0.account(email: "eve@example.org"))
            switch how {
            case "ended": try $0.endSessions(ofAccount: eve.id)
            case "disabled": try $0.setDisabled(ofAccount: eve.id, true, by: .system, at: World.start)
            default: try $0.setSecondFactorRequired(true, by: .system, at: World.start)
            }
        }
        guard case .end = stream.next() else {
            Issue.record("the stream goes on")
            return
        }
    }

    @Test func `send all devices of the page once, then only changes`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let other = try hub.add("other")
        let stream = try open(hub.signedIn(), device)
        #expect(next(stream, hub)?.name == "applied")
        let first = try JSON(parsing: Array((next(stream, hub)?.data ?? "").utf8)).array ?? []
        #expect(first.map { $0["id"]?.string } == [device.id])
        #expect(first.first?["word"] == "never seen")
        #expect(next(stream, hub) == nil)

        hub.hear(from: other)
        #expect(next(stream, hub) == nil)
        hub.hear(from: device, ago: 60)
        let event = try #require(next(stream, hub))
        let changed = try JSON(parsing: Array(event.data.utf8)).array?.first?.members ?? []
        #expect(event.name == "devices")
        #expect(changed.map(\.0) == ["id", "state", "word", "rule", "age", "endpoint", "flow"])
        #expect(changed.first { $0.0 == "state" }?.1 == "online")
        #expect(next(stream, hub) == nil)

        try hub.database.write { try $0.acknowledge(generation: 3, at: World.start) }
        #expect(next(stream, hub)?.data == "{\"waiting\":false,\"text\":\"all applied\"}")
    }

    @Test func `are made once per beat for all browsers`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let looks = Mutex(0)
        for _ in 0..<64 {
            _ = try hub.site.live.picture(of: [device.id], at: World.start) {
                looks.withLock { $0 += 1 }
                return try hub.site.overview(at: World.start)
            }
        }
        #expect(looks.withLock { $0 } == 1)
    }

    @Test func `send a whole map in parts, each device in its turn`() throws {
        let hub = try TestSite()
        let devices = try (0..<150).map { try hub.add("d\($0)") }
        let query = devices.map(\.id).joined(separator: ",")
        guard case .events(let stream) = try hub.signedIn().get("/events?devices=\(query)").response.body else { throw HTTPError(.notFound, "") }
        #expect(next(stream, hub)?.name == "applied")
        func told() throws -> [String] {
            (try JSON(parsing: Array((next(stream, hub)?.data ?? "[]").utf8)).array ?? []).compactMap { $0["id"]?.string }
        }
        #expect(try told() == devices.prefix(100).map(\.id))
        // News about the first devices must wait until all others had their turn.
        hub.hear(from: devices[0])
        #expect(try told() == devices.dropFirst(100).map(\.id) + [devices[0].id])
        #expect(next(stream, hub) == nil)
    }

    @Test func `ignore devices that are gone or never existed`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let stream = try open(hub.signedIn(), device)
        try hub.database.change(by: .system, at: World.start) { try $0.removeDevice(device.id) }
        #expect(next(stream, hub)?.name == "applied")
        #expect(next(stream, hub) == nil)
    }

    @Test func `end with the session`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let stream = try open(browser)
        _ = try browser.post("/logout", on: "/devices")
        guard case .end = stream.next() else { throw HTTPError(.conflict, "the stream goes on") }
    }
}
