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
        #expect(effect.counts?.lost == 1 && effect.counts?.gained == 0)
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
