// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Synchronization
import Testing

@testable import Portal
import Words

@Suite struct `Testing a link` {
    /// A hub with two connected devices. Its newest change is applied.
    private func pair() throws -> (TestSite, Device, Device) {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        for device in [a, b] { hub.hear(from: device) }
        try hub.settle()
        return (hub, a, b)
    }

    @Test func `asks for an echo in both directions and both families, and shows the times`() throws {
        let (hub, a, b) = try pair()
        hub.answer { $0.destination == b.ipv4 || $0.destination == b.ipv6 ? .answered(.microseconds(12_340)) : .answered(.microseconds(5_060)) }
        let page = try hub.signedIn().post("/reachability", on: "/reachability?from=\(a.id)&to=\(b.id)", ["from": a.id, "to": b.id])
        #expect(page.status == 200)
        #expect(page.text.contains("a reaches b"))
        #expect(page.text.contains("10.3.2.2 to 10.3.2.3: answered in 12 ms. fd00::3:2:2 to fd00::3:2:3: answered in 12 ms."))
        #expect(page.text.contains("10.3.2.3 to 10.3.2.2: answered in 5.1 ms."))
        #expect(page.text.contains("A ping between them takes about 17 ms, through the hub."))
        #expect(!page.text.contains("first-failure"))
        #expect(!page.text.contains("Not tested yet."))
    }

    @Test func `names the side whose own file excludes the other, with a link to its file`() throws {
        let (hub, a, b) = try pair()
        hub.answer { $0.key == b.publicKey ? .noAnswer : .answered(.milliseconds(3)) }
        let page = try hub.signedIn().post("/reachability", on: "/reachability?from=\(a.id)&to=\(b.id)", ["from": a.id, "to": b.id]).text
        #expect(page.contains("The hub lets a reach b, but a check below failed"))
        #expect(
            page.contains("b is connected but does not answer 10.3.2.2 or fd00::3:2:2: the file on b does not let a in, or its firewall drops pings.")
        )
        #expect(page.contains("<a href=\"/devices/\(b.id)#file\">Show the file of b</a>"))
        let failure = try #require(page.firstRange(of: "first-failure"))
        #expect(page[failure.lowerBound...].prefix(300).contains("b answers a"))
    }

    @Test func `before it was run says so, and offers it`() throws {
        let (hub, a, b) = try pair()
        let page = try hub.signedIn().get("/reachability?from=\(a.id)&to=\(b.id)").text
        #expect(page.contains("a reaches b"))
        #expect(page.contains("Not tested yet."))
        #expect(page.contains("class=\"skipped\""))
        #expect(page.contains("<form method=\"post\" action=\"/reachability\">"))
        #expect(page.contains("Probe now"))
    }

    @Test func `of one device uses the hub or another device as the other side`() throws {
        let (hub, a, b) = try pair()
        let browser = try hub.signedIn()
        hub.answer { _ in .answered(.milliseconds(1)) }
        #expect(try browser.post("/devices/\(a.id)/probe", on: "/devices/\(a.id)", ["to": ""]).text.contains("a answers the hub."))
        #expect(hub.echoes.map(\.source) == [IPAddress("10.3.2.1"), IPAddress("fd00::3:2:1")])
        #expect(hub.echoes.allSatisfy { $0.key == a.publicKey })
        hub.answer { $0.key == a.publicKey ? .noSession : .answered(.milliseconds(1)) }
        let page = try browser.post("/devices/\(a.id)/probe", on: "/devices/\(a.id)", ["to": b.id]).text
        #expect(page.contains("The link between a and b does not work."))
        #expect(page.contains("No session with a within 2 s. a was heard 4 s ago and does not answer:"))
        #expect(page.contains("<option value=\"\(b.id)\" selected>b</option>"))
        #expect(page.contains("href=\"/reachability?from=\(a.id)&amp;to=\(b.id)\""))
    }

    @Test func `explains that a narrow file excludes the hub itself`() throws {
        let hub = try TestSite()
        let a = try hub.add("a", reaching: ["10.3.2.9/32"])
        hub.answer { $0.source.isV4 ? .noAnswer : .refused }
        let page = try hub.signedIn().post("/devices/\(a.id)/probe", on: "/devices/\(a.id)", ["to": ""]).text
        #expect(
            page.contains(
                "a lets the hub in (fd00::3:2:1), but its firewall refuses pings. Its allowed IPs do not hold 10.3.2.1: test against another device.")
        )
    }

    @Test func `over the API returns outcomes and round trips`() throws {
        let (hub, a, b) = try pair()
        hub.answer { $0.key == a.publicKey ? .refused : .answered(.microseconds(1234)) }
        let answer = try hub.api(.read).send("POST", "/devices/\(a.id)/probe", ["to": .string(b.id)])
        #expect(answer.status == 200)
        let json = try answer.json()
        #expect(json["ok"] == true)
        #expect(json["device"] == .string(a.id))
        #expect(json["to"] == .string(b.id))
        #expect(
            json["probes"]?.array?.first == [
                "into": "10.3.2.2", "as": "10.3.2.3", "outcome": "refused", "round_trip_microseconds": nil, "largest_bytes": nil,
            ])
        #expect(
            json["probes"]?.array?.last == [
                "into": "fd00::3:2:3", "as": "fd00::3:2:2", "outcome": "answered", "round_trip_microseconds": 1234, "largest_bytes": nil,
            ])
        hub.answer { _ in .noEndpoint }
        #expect(try hub.api(.read).send("POST", "/devices/\(a.id)/probe", [:]).json()["ok"] == false)
    }

    @Test func `refuses impossible pairs`() throws {
        let (hub, a, b) = try pair()
        let api = try hub.api(.read)
        #expect(try api.send("POST", "/devices/none/probe", [:]).status == 404)
        #expect(try api.send("POST", "/devices/\(a.id)/probe", ["to": "none"]).status == 422)
        #expect(try api.send("POST", "/devices/\(a.id)/probe", ["to": .string(a.id)]).status == 422)
        #expect(try api.send("POST", "/devices/\(a.id)/probe", ["to": 7]).status == 400)
        #expect(try api.send("POST", "/devices/\(a.id)/probe", ["from": .string(b.id)]).status == 400)
        #expect(try api.send("POST", "/devices/\(a.id)/probe", []).status == 400)
        #expect(hub.echoes == [])
        hub.answer { _ in .limited }
        let limited = try api.send("POST", "/devices/\(a.id)/probe", ["to": .string(b.id)])
        #expect(limited.status == 429)
        #expect(limited.response.fields["Retry-After"] == "1")
    }

    @Test func `holds two workers at most`() throws {
        let gate = ProbeGate()
        let refused = try gate.pass { try! gate.pass { () -> Int? in (try? gate.pass { 1 }) == nil ? 503 : nil } }
        #expect(refused == 503)
        #expect(try gate.pass { 1 } == 1)
    }
}

@Suite struct `The doctor` {
    private func check(_ name: String, _ hub: TestSite, _ a: Device, _ b: Device) throws -> JSON? {
        try hub.api(.read).send("GET", "/reachability?from=\(a.id)&to=\(b.id)").json()["checks"]?.array?.first { $0["name"] == .string(name) }
    }

    private func firstFailure(_ hub: TestSite, _ a: Device, _ b: Device) throws -> JSON? {
        try hub.api(.read).send("GET", "/reachability?from=\(a.id)&to=\(b.id)").json()["first_failure"]
    }

    @Test func `lists its steps in the order in which a packet needs them`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        let names = try hub.api(.read).send("GET", "/reachability?from=\(a.id)&to=\(b.id)").json()["checks"]?.array?.compactMap { $0["name"]?.string }
        #expect(
            names == [
                "sender_enabled", "receiver_enabled", "sender_not_expired", "receiver_not_expired", "common_family", "source_owned",
                "destination_owned", "in_allowed_ips", "in_receivers_allowed_ips", "lists_match", "decision", "mtu", "applied", "listening",
                "sender_key_seen", "sender_handshake", "receiver_key_seen", "receiver_handshake", "last_drop", "probe_into_receiver",
                "probe_into_sender",
            ])
    }

    @Test func `names the first step that fails, from the switch to the last drop`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        #expect(try firstFailure(hub, a, b) == "applied")
        try hub.settle()
        #expect(try firstFailure(hub, a, b) == "sender_key_seen")
        hub.hear(from: a)
        #expect(try firstFailure(hub, a, b) == "receiver_key_seen")
        hub.hear(from: b, ago: 1000)
        #expect(try firstFailure(hub, a, b) == "receiver_handshake")
        hub.hear(from: b)
        #expect(try firstFailure(hub, a, b) == .null)
        hub.drop(.stagedPurged, from: a, to: b, ago: 20)
        #expect(try firstFailure(hub, a, b) == "last_drop")
        #expect(try check("last_drop", hub, a, b)?["detail"]?.string?.hasPrefix("From a, 20 s ago, 3 times: staged_purged_after_give_up.") == true)
        try hub.edit(b) { $0.expiresAt = World.start }
        #expect(try firstFailure(hub, a, b) == "receiver_not_expired")
        try hub.edit(a) { $0.enabled = false }
        #expect(try firstFailure(hub, a, b) == "sender_enabled")
    }

    @Test func `takes addresses, in the API and on the page`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b", routes: ["172.20.0.0/24"]))
        for device in [a, b] { hub.hear(from: device) }
        try hub.settle()
        let api = try hub.api(.read)
        let unlisted = try api.send("GET", "/reachability?from=\(a.id)&to=172.20.0.1").json()
        #expect(unlisted["to"] == .string(b.id))
        #expect(unlisted["address"] == "172.20.0.1")
        #expect(unlisted["reaches"] == false)
        #expect(unlisted["cause"]?.string?.hasPrefix("The allowed IPs of a do not hold 172.20.0.1") == true)
        let unowned = try api.send("GET", "/reachability?from=\(a.id)&to=\(b.id)&address=172.21.0.1").json()
        #expect(unowned["cause"] == "No device owns 172.21.0.1. If it is behind b, add 172.21.0.0/24 to the routes of b.")
        #expect(try api.send("GET", "/reachability?from=\(a.id)&to=10.3.2.99").json()["to"] == .null)
        for query in ["from=\(a.id)", "from=\(a.id)&to=\(a.id)", "from=\(a.id)&to=\(b.id)&address=x"] {
            #expect(try api.send("GET", "/reachability?\(query)").status == 422, "\(query)")
        }
        #expect(try api.send("GET", "/reachability?from=\(a.id)&to=none").status == 404)
        let page = try hub.signedIn().get("/reachability?from=\(a.id)&to=\(b.id)&address=172.21.0.1").text
        #expect(page.contains("a does not reach 172.21.0.1"))
        #expect(page.contains("If it is behind b, add 172.21.0.0/24 to the routes of b."))
        #expect(page.contains("<a href=\"/settings/\(b.id)/edit#routes\">Edit b</a>"))
    }

    @Test func `tests over the API, and remembers for two minutes what a test proved`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        for device in [a, b] { hub.hear(from: device) }
        try hub.settle()
        let api = try hub.api(.read)
        func test(_ outcome: ProbeOutcome) throws -> JSON {
            hub.answer { $0.key == b.publicKey ? outcome : .answered(.milliseconds(1)) }
            return try api.send("POST", "/reachability", ["from": .string(a.id), "to": .string(b.id)]).json()
        }
        #expect(try test(.answered(.milliseconds(1)))["first_failure"] == .null)
        #expect(hub.echoes.map(\.byteCount) == [1420, nil, 1420, nil])
        let lost = try test(.largeLost(.milliseconds(1), largest: 1200, tried: 1420))
        #expect(lost["cause"] == "Packets of 1,420 bytes do not pass between the hub and b, 1,200 do: set its MTU to 1200.")
        #expect(lost["probes"]?.array?.first?["largest_bytes"] == 1200)
        #expect(try firstFailure(hub, a, b) == "large_into_receiver")
        // A test that passes ends it, and so does time.
        _ = try test(.answered(.milliseconds(1)))
        #expect(try firstFailure(hub, a, b) == .null)
        #expect(try test(.noAnswer)["first_failure"] == "probe_into_receiver")
        #expect(try firstFailure(hub, a, b) == "probe_into_receiver")
        hub.world.advance(seconds: 121)
        for device in [a, b] { hub.hear(from: device) }
        #expect(try firstFailure(hub, a, b) == .null)
        // A device that was silent and is heard again has disproved it.
        _ = try test(.noSession)
        #expect(try firstFailure(hub, a, b) == "receiver_handshake")
        hub.world.advance(seconds: 5)
        hub.hear(from: b, ago: 1)
        #expect(try firstFailure(hub, a, b) == .null)
        hub.answer { _ in .limited }
        #expect(try api.send("POST", "/reachability", ["from": .string(a.id), "to": .string(b.id)]).status == 429)
        #expect(try api.send("POST", "/reachability", ["from": .string(a.id), "to": 7]).status == 400)
    }

    @Test func `puts the cause first and folds what passed`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b", reaching: ["10.3.2.99/32"]))
        let page = try hub.signedIn().get("/reachability?from=\(a.id)&to=\(b.id)").text
        let cause = try #require(page.firstRange(of: "<p class=\"cause\"><strong>b does not list a.</strong>"))
        let folded = try #require(page.firstRange(of: "<details class=\"passed\">"))
        #expect(cause.lowerBound < folded.lowerBound)
        #expect(page[folded.lowerBound...].contains("checks passed</summary>"))
        #expect(page[folded.lowerBound...].contains("a is enabled"))
    }

    @Test func `ignores an old drop, and one that also occurs on a working link`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        for device in [a, b] { hub.hear(from: device) }
        try hub.settle()
        hub.drop(.notInAllowedIPs, from: b, to: a, ago: 301)
        #expect(try firstFailure(hub, a, b) == .null)
        hub.drop(.tooBig, from: b, to: a, ago: 1)
        #expect(try firstFailure(hub, a, b) == .null)
        // Dropped before the change that solved it.
        hub.drop(.notInAllowedIPs, from: b, to: a, ago: 70)
        #expect(try firstFailure(hub, a, b) == .null)
    }

    @Test func `knows that IPv6 needs 1280 bytes`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        try hub.edit(b) { $0.overrides.mtu = .own(1279) }
        let mtu = try check("mtu", hub, a, b)
        #expect(mtu?["ok"] == false)
        #expect(mtu?["detail"] == "IPv6 needs an MTU of 1280 or more, and b has 1279: IPv6 does not work there.")
    }

    @Test func `reports that two machines use one key, and so do the pages`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        for device in [a, b] { hub.hear(from: device) }
        try hub.settle()
        hub.world.engine.withLock { $0.contestedKeys[a.publicKey] = [Endpoint("192.0.2.1:1000")!, Endpoint("192.0.2.2:2000")!] }
        let sentence = "Two machines seem to use this key in turn, at 192.0.2.1:1000 and 192.0.2.2:2000."
        #expect(try firstFailure(hub, a, b) == "sender_key_single")
        let browser = try hub.signedIn()
        #expect(try browser.get("/devices/\(a.id)").text.contains(sentence))
        #expect(try !browser.get("/devices/\(b.id)").text.contains("Two machines"))
        #expect(try browser.get("/status").text.contains(sentence))
        #expect(try hub.api(.read).send("GET", "/status").json()["contested_devices"] == [.string(a.id)])
        #expect(
            try hub.api(.read).send("GET", "/devices/\(a.id)").json()["status"]?["contested"] == ["192.0.2.1:1000", "192.0.2.2:2000"])
    }

    @Test func `says what the hub does about a copied key, and why it suspended a device`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        for device in [a, b] { hub.hear(from: device) }
        try hub.settle()
        let endpoints = [Endpoint("192.0.2.1:1000")!, Endpoint("192.0.2.2:2000")!]
        hub.world.engine.withLock { $0.contestedKeys[a.publicKey] = endpoints }
        let browser = try hub.signedIn()
        let form = ["revision": String(try hub.database.read { try $0.defaults() }.revision), "copied_key": "keep"]
        #expect(try browser.post("/settings/defaults", form).status == 303)
        #expect(try browser.get("/devices/\(a.id)").text.contains("The hub serves the network that it knew first"))
        #expect(try check("sender_key_single", hub, a, b)?["detail"]?.string?.contains("serves the network") == true)
        #expect(try browser.post("/settings/defaults", ["copied_key": "both"]).text.contains("both is not valid here."))
        try hub.edit(a) { $0.overrides.copiedKey = .own(.suspend) }
        try hub.database.suspend([a.publicKey: endpoints], at: World.start)
        let page = try browser.get("/devices/\(a.id)").text
        #expect(page.contains("The hub suspended it just now, because two machines used its key.") && page.contains("View or undo this change"))
        _ = try browser.post("/devices/\(a.id)/enable", on: "/devices/\(a.id)")
        #expect(try !browser.get("/devices/\(a.id)").text.contains("The hub suspended it"))
    }

    @Test func `without a hub uses the rules and earlier observations`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        try hub.database.write {
            try $0.recordObservations([
                PeerSight(publicKey: a.publicKey, lastHandshakeAt: World.start.adding(seconds: -30), lastSeenAt: World.start.adding(seconds: -5))
            ])
        }
        let doctor = try hub.database.read { db in
            let status = HubStatus(problem: "No hub runs.").remembering(try db.observations(), of: [a.publicKey, b.publicKey])
            return Doctor(from: a, to: b, in: try db.overview(status: status, now: World.start))
        }
        #expect(doctor.reaches)
        #expect(doctor.firstFailure?.name == "receiver_key_seen")
        let results = Dictionary(uniqueKeysWithValues: doctor.checks.map { ($0.name, $0.ok) })
        #expect(results["sender_handshake"] == true)
        #expect(results["in_allowed_ips"] == true)
        for name in ["applied", "last_drop", "probe_into_receiver", "probe_into_sender"] { #expect(results[name] == .some(nil), "\(name)") }
    }
}

extension TestSite {
    /// The engine has been running the newest change for a minute.
    fileprivate func settle() throws {
        let generation = try database.read { try $0.generation() }
        try database.write { try $0.acknowledge(generation: generation.desired, at: World.start.adding(seconds: -60)) }
    }

    fileprivate func edit(_ device: Device, _ change: (inout Device) -> Void) throws {
        try database.change(by: .system, at: World.start) {
            var edited = try $0.device(device.id)
            change(&edited)
            try $0.update(edited)
        }
        try settle()
    }

    fileprivate func drop(_ reason: DropReason, from: Device, to: Device, ago: Int64) {
        world.engine.withLock {
            $0.pairDrops = [
                HubStatus.PairDrop(reason: reason, from: from.publicKey, to: to.publicKey, count: 3, lastAt: World.start.adding(seconds: -ago))
            ]
        }
    }

    /// Sets the outcome of each echo from now on.
    fileprivate func answer(_ outcome: @escaping @Sendable (LinkTest.Echo) -> ProbeOutcome) { world.probe.withLock { $0 = outcome } }

    /// The echoes of the last test.
    fileprivate var echoes: [LinkTest.Echo] { world.echoes.withLock { $0 } }
}
