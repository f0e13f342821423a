// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `Who reaches whom` {
    private func relation(_ hub: TestSite, _ a: Device, _ b: Device) throws -> Reachability.Relation {
        try hub.database.read {
            try Reachability(devices: $0.devices(), defaults: $0.defaults(), hub: $0.hub(), now: World.start).relation(a, b)
        }
    }

    @Test func `is both ways by default, and one-sided when one leaves the other out`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        #expect(try relation(hub, a, b) == .both)
        let c = try hub.add("c", reaching: [])
        #expect(try relation(hub, a, c) == .out)
        #expect(try relation(hub, c, a) == .in)
        #expect(try relation(hub, c, hub.add("d", reaching: [])) == .none)
    }

    @Test func `excludes a device that is disabled`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        try hub.database.change(by: .system, at: World.start) {
            var off = try $0.device(b.id)
            off.enabled = false
            try $0.update(off)
        }
        #expect(try relation(hub, a, b) == .none)
    }

    @Test func `excludes a device that is disabled, and no wider route takes over its address`() throws {
        let hub = try TestSite()
        let (a, b, c) = (try hub.add("a"), try hub.add("b"), try hub.add("c"))
        let everywhere = [IPPrefix("0.0.0.0/0")]
        try hub.database.change(by: .system, at: World.start) {
            var off = try $0.device(b.id)
            off.enabled = false
            try $0.update(off)
            var router = try $0.device(c.id)
            router.routes = [IPPrefix("10.3.2.0/28")]
            router.overrides.allowedIPs = .own(everywhere)
            try $0.update(router, allowsOverlap: true)
        }
        let reachability = try hub.database.read {
            try Reachability(devices: $0.devices(), defaults: $0.defaults(), hub: $0.hub(), now: World.start)
        }
        let address = try #require(b.ipv4)
        #expect(reachability.owner(of: address)?.id == b.id)
        #expect(!reachability.reaches(a, b))
        #expect(!reachability.reaches(b, a))
        #expect(!reachability.reaches(c, b))
        #expect(reachability.relation(a, c) == .both)
        #expect(reachability.relation(a, b) == .none)
        #expect(reachability.relation(b, c) == .none)
        #expect(reachability.allowed(reachability.devices.first { $0.id == b.id }!) == nil)
        #expect(reachability.reason(a, b).description == "b is disabled or expired: nothing passes")
        // An enabled device is reached at its own address. After it is removed, only the route remains.
        let on = reachability.changing([b], defaults: try hub.database.read { try $0.defaults() })
        #expect(on.relation(a, b) == .both)
        #expect(on.owner(of: address)?.id == b.id)
    }

    @Test func `the doctor names the first check that fails`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b", reaching: []))
        for device in [a, b] { hub.hear(from: device) }
        let answer = try hub.api(.read).send("GET", "/reachability?from=\(a.id)&to=\(b.id)").json()
        #expect(answer["reaches"] == false)
        #expect(answer["first_failure"] == "in_receivers_allowed_ips")
        let page = try hub.signedIn().get("/reachability?from=\(a.id)&to=\(b.id)").text
        #expect(page.contains("a does not reach b"))
        #expect(page.contains("<p class=\"cause\"><strong>b does not list a.</strong> <a class=\"button small\" href=\"/links?a=a&amp;b=b\">"))
        #expect(page.contains("The allowed IPs of b do not hold 10.3.2.2 or fd00::3:2:2: nothing passes. Add it to b."))
        #expect(page.contains("<a href=\"/links?a=a&amp;b=b\">Link the two</a>"))
    }

    @Test func `the doctor says in its second line what else is wrong, and lists what is proved before what is likely`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b", reaching: []))
        for device in [a, b] { hub.hear(from: device, ago: 2 * 86_400) }
        let generation = try hub.database.read { try $0.generation() }.desired
        try hub.database.write { try $0.acknowledge(generation: generation, at: World.start.adding(seconds: -60)) }
        let page = try hub.signedIn().get("/reachability?from=\(a.id)&to=\(b.id)").text
        #expect(page.contains("<strong>b does not list a.</strong>"))
        #expect(page.contains(/<p class="also">Also: [^<]*a is off or cut off: it was last heard 2 d ago/))
        let failed = page.matches(of: /<li class="failed[^>]*>.*?<span>([^<]*) <span/).map { String($0.1) }
        #expect(failed == ["b lists a", "The hub forwards the packet", "a is connected", "b is connected"])
        #expect(page.contains("<details class=\"passed\"><summary>"))
    }

    @Test func `the doctor finds no problem if everything works`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        for device in [a, b] { hub.hear(from: device) }
        try hub.database.write { try $0.acknowledge(generation: 3, at: World.start) }
        let answer = try hub.api(.read).send("GET", "/reachability?from=\(a.id)&to=\(b.id)").json()
        #expect(answer["reaches"] == true)
        #expect(answer["first_failure"] == .null)
    }

    @Test func `the doctor sees that somebody else owns an address`() throws {
        let hub = try TestSite()
        let a = try hub.add("a")
        try hub.database.change(by: .system, at: World.start) {
            var edited = try $0.device(a.id)
            edited.ipv6 = nil
            try $0.update(edited)
        }
        let b = try hub.add("b")
        let answer = try hub.api(.read).send("GET", "/reachability?from=\(a.id)&to=\(b.id)").json()
        let family = try #require(answer["checks"]?.array?.first { $0["name"] == "common_family" })
        #expect(family["detail"] == "10.3.2.2 to 10.3.2.3")
    }

    @Test func `the device page shows one-sided links first, with a link that fixes them`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        try hub.add("alpha")
        let gateway = try hub.add("gateway", reaching: [])
        let page = try hub.signedIn().get("/devices/\(nas.id)").text
        #expect(page.contains("nas lists gateway, but gateway does not list nas: nothing passes."))
        #expect(page.contains("<a href=\"/links?a=nas&amp;b=gateway\">Add it to gateway</a>"))
        let (first, second) = (try #require(page.firstRange(of: ">gateway<")), try #require(page.firstRange(of: ">alpha<")))
        #expect(first.lowerBound < second.lowerBound)
    }

    @Test func `an unknown device is 404, a missing one 422`() throws {
        let hub = try TestSite()
        let a = try hub.add("a")
        #expect(try hub.api(.read).send("GET", "/reachability?from=\(a.id)&to=none").status == 404)
        #expect(try hub.api(.read).send("GET", "/reachability?from=\(a.id)").status == 422)
    }
}

@Suite struct `The state of a device` {
    private func state(keepalive: UInt16 = 25, silence: Int64?, enabled: Bool = true, expiresIn: Int64? = nil) throws -> DeviceState {
        let hub = try TestSite()
        var device = try hub.add("nas")
        device.enabled = enabled
        device.expiresAt = expiresIn.map { World.start.adding(seconds: $0) }
        device.overrides.persistentKeepalive = .own(keepalive)
        let defaults = try hub.database.read { try $0.defaults() }
        return DeviceState(of: device, defaults: defaults, heard: silence.map { World.start.adding(seconds: -$0) }, now: World.start)
    }

    @Test func `follows the rule that its word shows`() throws {
        #expect(try state(silence: nil) == .neverSeen)
        #expect(try state(silence: 180) == .online)
        #expect(try state(silence: 181) == .stale)
        #expect(try state(keepalive: 0, silence: 181) == .idle)
        #expect(try state(keepalive: 0, silence: 86_401) == .stale)
        #expect(try state(silence: 1, enabled: false) == .disabled)
        #expect(try state(silence: 1, expiresIn: 0) == .expired)
        #expect(try state(silence: 1, expiresIn: 1) == .online)
    }
}
