// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

@Suite struct `The effect of a change` {
    @Test func `names the link that is lost and the side that is missing`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        let effect = Effect(on: .sample([a, b]), devices: [.sample("b", 3, reaching: [])])
        #expect(effect.counts?.lost == 1)
        #expect(effect.counts?.gained == 0)
        #expect(effect.lines.contains { $0.text.description == "a and b no longer reach each other: b does not list a" })
    }

    @Test func `counts links gained through the defaults`() {
        let devices = (2...5).map { Device.sample("d\($0)", UInt8($0)) }
        let overview = Overview.sample(devices, allowedIPs: [])
        var defaults = overview.defaults
        defaults.settings.allowedIPs = ["10.3.2.0/24"]
        #expect(Effect(on: overview, devices: [], defaults: defaults).counts?.gained == 6)
    }

    @Test func `ends the session of a device that is switched off while it is online`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        let overview = Overview.sample([a, b], status: .hearing([a]))
        let off = [Device.sample("a", 2, enabled: false), Device.sample("b", 3, enabled: false)]
        #expect(Effect(on: overview, devices: off).ended.map(\.id) == ["a"])
    }

    @Test func `names the outdated parts of fetched files, and no other file`() {
        let (a, b) = (Device.sample("a", 2, fetched: true), Device.sample("b", 3))
        let effect = Effect(on: .sample([a, b]), devices: [.sample("a", 2, reaching: [], fetched: true), .sample("b", 3, reaching: [])])
        #expect(effect.stale.map(\.device.id) == ["a"])
        #expect(effect.stale.first?.parts.map(\.description) == ["Allowed IPs"])
    }

    @Test func `warns before a device or a default sends Internet traffic to a hub without an exit`() {
        let devices = [Device.sample("a", 2), Device.sample("b", 3), Device.sample("c", 4, reaching: ["0.0.0.0/0"])]
        let overview = Overview.sample(devices)
        let warning = { (effect: Effect) in
            effect.lines.first { $0.kind == .warning && $0.text.description.contains("exit") }?.text.description
        }
        let own = Effect(on: overview, devices: [.sample("a", 2, reaching: ["10.3.2.0/24", "0.0.0.0/0"])])
        #expect(warning(own) == "This hub has no Internet exit. The device would lose its Internet connection.")
        let two = Effect(on: overview, devices: [.sample("a", 2, reaching: ["::/0"]), .sample("b", 3, reaching: ["::/0"])])
        #expect(warning(two) == "This hub has no Internet exit. 2 devices would lose their Internet connection.")
        var defaults = overview.defaults
        defaults.settings.allowedIPs = ["0.0.0.0/0"]
        #expect(
            warning(Effect(on: overview, devices: [], defaults: defaults))
                == "This hub has no Internet exit. Devices that follow this default would lose their Internet connection.")
        #expect(warning(Effect(on: overview, devices: [.sample("c", 4, reaching: ["0.0.0.0/0", "10.3.2.3/32"])])) == nil)
        var status = HubStatus.hearing([])
        status.gateway = Gateway(tun: "hp0", egress4: IPAddress("203.0.113.1"))
        let gateway = Overview.sample(devices, status: status)
        #expect(warning(Effect(on: gateway, devices: [.sample("a", 2, reaching: ["0.0.0.0/0"])])) == nil)
        #expect(warning(Effect(on: gateway, devices: [.sample("a", 2, reaching: ["::/0"])])) != nil)
        let exit = Overview.sample(devices + [.sample("exit", 9, routes: ["0.0.0.0/0"])])
        #expect(warning(Effect(on: exit, devices: [.sample("a", 2, reaching: ["0.0.0.0/0"])])) == nil)
    }

    @Test func `names what new routes of a device cover, and no older overlap`() {
        let (a, b) = (Device.sample("a", 2, routes: ["10.3.2.0/28"]), Device.sample("b", 3))
        let effect = Effect(on: .sample([a, b]), devices: [.sample("a", 2, routes: ["10.3.2.0/28", "10.3.2.0/29"])])
        #expect(effect.overlaps.map(\.route) == ["10.3.2.0/29"] && effect.overlaps.map(\.part) == ["10.3.2.3/32"])
        #expect(effect.lines.contains { $0.kind == .warning && $0.text.description.hasPrefix("The route 10.3.2.0/29 of a covers 10.3.2.3/32") })
    }

    @Test func `of an unchanged device is empty`() {
        let a = Device.sample("a", 2)
        #expect(Effect(on: .sample([a]), devices: [a]).lines.map(\.text.description) == ["Nothing changes."])
    }

    @Test func `of a new address compares each side with its own address`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        let overview = Overview.sample([a, b])
        #expect(Effect(on: overview, devices: [.sample("b", 3, ipv4: "10.3.2.9")]).counts.map { [$0.gained, $0.lost] } == [0, 0])
        let narrow = Device.sample("a", 2, reaching: ["10.3.2.3/32"])
        let effect = Effect(on: .sample([narrow, b]), devices: [.sample("b", 3, ipv4: "10.3.2.9")])
        #expect(effect.counts.map { [$0.gained, $0.lost] } == [0, 1])
    }
}
