// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Support
import Testing
import Words

@testable import Fleet

@Suite struct `An edit of a device` {
    private let full: Device = {
        var device = Device.sample("a", 2, enabled: true, expiresAt: 900, ipv6: "fd00::3:2:2", routes: ["192.168.7.0/24"], tags: ["field"])
        (device.description, device.overrides.mtu) = ("on the shelf", .own(1_400))
        return device
    }()

    private func result(_ change: (inout DeviceEdit) -> Void) -> Device {
        var (edit, device) = (DeviceEdit(), full)
        change(&edit)
        edit.apply(to: &device) { $0 == .v4 ? "10.3.2.7" : "fd00::7" }
        return device
    }

    @Test func `without fields changes nothing`() { #expect(result { _ in } == full) }

    @Test func `changes each field that it has, and no other`() {
        let edits: [((inout DeviceEdit) -> Void, (inout Device) -> Void)] = [
            ({ $0.name = "b" }, { $0.name = "b" }), ({ $0.description = "" }, { $0.description = "" }), ({ $0.tags = [] }, { $0.tags = [] }),
            ({ $0.enabled = false }, { $0.enabled = false }), ({ $0.expiresAt = 7 }, { $0.expiresAt = 7 }), ({ $0.routes = [] }, { $0.routes = [] }),
            ({ $0.ipv4 = .own("10.3.2.9") }, { $0.ipv4 = "10.3.2.9" }), ({ $0.ipv6 = .own("fd00::9") }, { $0.ipv6 = "fd00::9" }),
            ({ $0.ipv4 = .lowestFree }, { $0.ipv4 = "10.3.2.7" }), ({ $0.ipv6 = .lowestFree }, { $0.ipv6 = "fd00::7" }),
            ({ $0.overrides = Overrides() }, { $0.overrides = Overrides() }),
        ]
        for (number, (edit, expected)) in edits.enumerated() {
            var device = full
            expected(&device)
            #expect(device != full, "\(number)")
            #expect(result(edit) == device, "\(number)")
        }
    }

    @Test func `takes away what may be absent`() {
        #expect(result { $0.expiresAt = .some(nil) }.expiresAt == nil)
        #expect(result { $0.ipv4 = NewDevice.Address.none }.ipv4 == nil)
        #expect(result { $0.ipv6 = NewDevice.Address.none }.ipv6 == nil)
    }
}

@Suite struct `A preview` {
    /// For each setting, a value that is not the default.
    private static let values = [
        "allowed_ips": "10.99.0.0/16", "persistent_keepalive": "7", "endpoint": "other.example.org:4711", "dns": "10.3.2.9", "mtu": "1300",
        "table": "off", "copied_key": "keep",
    ]

    @Test(arguments: SettingName.allCases)
    func `names each setting that makes a file old`(name: SettingName) throws {
        let value = try #require(Self.values[name.rawValue], "give the setting \(name.rawValue) a value in this test")
        var device = Device.sample("a", 2, fetched: true)
        let overview = Overview.sample([device, Device.sample("b", 3)])
        #expect(name.read(value, into: &device.overrides) == nil)
        let own = Effect(on: overview, devices: [device])
        // A setting that is not in the file makes none old.
        let expected = name.fileLine == nil ? [] : [[name.label.description]]
        #expect(own.stale.map { $0.parts.map(\.description) } == expected)
        var defaults = overview.defaults
        #expect(name.read(value, into: &defaults.settings) == nil)
        #expect(Effect(on: overview, devices: [], defaults: defaults).stale.map { $0.parts.map(\.description) } == expected)
    }

    @Test func `names new addresses and keys`() {
        let device = Device.sample("a", 2, fetched: true)
        let overview = Overview.sample([device])
        for edited in [
            Device.sample("a", 9, fetched: true), .sample("a", 2, ipv6: "fd00::3:2:9", fetched: true), .sample("a", 2, ipv4: nil, fetched: true),
        ] {
            #expect(Effect(on: overview, devices: [edited]).stale.map { $0.parts.map(\.description) } == [["addresses"]])
        }
        #expect(Effect(on: overview, devices: [device], presharedKeys: ["a"]).stale.map { $0.parts.map(\.description) } == [["preshared key"]])
    }

    /// Whichever side is edited, and whichever comes first in the list.
    @Test(arguments: [("a", "z"), ("z", "a")])
    func `says which side does not list the other`(lister: String, other: String) {
        let (one, two) = (Device.sample(lister, 2, reaching: []), Device.sample(other, 3, reaching: []))
        let devices = [one, two].sorted { $0.name < $1.name }
        let effect = Effect(on: .sample(devices), devices: [.sample(lister, 2, reaching: ["10.3.2.3/32"])])
        let text = "\(lister) lists \(other), but \(other) does not list \(lister): nothing passes."
        #expect(effect.lines.contains { $0.text.description == text })
        #expect(effect.oneSided.map(\.first.name) == [lister])
    }

    /// Eight lines of each kind, and the number of all others.
    @Test(arguments: [7, 8, 9, 10, 11])
    func `counts what it does not show`(count: Int) {
        let one = Device.sample("hub", 250, reaching: ["10.3.2.0/24"])
        let others = (1...count).map { Device.sample("d\($0 + 10)", UInt8($0), reaching: []) }
        let overview = Overview.sample(others + [Device.sample("hub", 250, reaching: [])])
        func lines(_ effect: Effect, _ kind: Effect.Kind) -> [String] { effect.lines.filter { $0.kind == kind }.map(\.text.description) }
        func expectCounted(_ lines: [String], _ singular: String, _ plural: String) {
            #expect(lines.count == min(count, 9), "\(lines)")
            if count == 9 { #expect(lines.last == "and 1 more \(singular)") }
            if count > 9 { #expect(lines.last == "and \(count - 8) more \(plural)") }
        }
        expectCounted(lines(Effect(on: overview, devices: [one]), .warning), "one-sided link", "one-sided links")
        let linked = Overview.sample(others.map { .sample($0.name, UInt8($0.name.dropFirst()).map { $0 - 10 } ?? 0) } + [Device.sample("hub", 250)])
        // Only the links of the hub change: it lists nobody any more.
        expectCounted(lines(Effect(on: linked, devices: [.sample("hub", 250, reaching: [])]), .loss), "link", "links")
        let renamed = others.map { device in
            var device = device
            device.name += "x"
            return device
        }
        expectCounted(lines(Effect(on: overview, devices: renamed), .change), "field", "fields")
    }
}

@Suite struct `What is known of a device` {
    @Test func `was heard at the later of handshake and packet`() {
        let key = PrivateKey.generate().publicKey
        let heard = { (handshake: UnixTime?, seen: UnixTime?) in PeerSight(publicKey: key, lastHandshakeAt: handshake, lastSeenAt: seen).lastHeardAt }
        #expect(heard(nil, nil) == nil)
        #expect(heard(5, nil) == 5)
        #expect(heard(nil, 6) == 6)
        #expect(heard(5, 6) == 6)
        #expect(heard(6, 5) == 6)
    }

    @Test func `is a file as old as its newest part`() {
        let parts: [WritableKeyPath<FileRevisions, Int64>] = [\.addresses, \.key, \.presharedKey]
        for part in parts {
            var revisions = FileRevisions(all: 3)
            revisions[keyPath: part] = 7
            #expect(revisions.newest == 7)
        }
        for name in SettingName.allCases where name.fileLine != nil {
            var revisions = FileRevisions(all: 3)
            revisions.settings[name] = 7
            #expect(revisions.newest == 7, "\(name.rawValue)")
            var defaults = SettingRevisions(all: 0)
            defaults[name] = 9
            let own = Overrides()
            #expect(FileRevisions(all: 3).settings.following(defaults, where: own)[name] == 9, "\(name.rawValue)")
            var overriding = own
            #expect(name.read(name.text(in: Settings()), into: &overriding) == nil)
            #expect(FileRevisions(all: 3).settings.following(defaults, where: overriding)[name] == 3, "\(name.rawValue)")
        }
    }

    @Test func `is found by its name in any case, and by its id`() {
        let sides = Sides([Device.sample("Nas", 2), .sample("phone", 3)])
        for entry in ["Nas", "nas", "NAS"] { #expect(sides.device(entry)?.id == "Nas", "\(entry)") }
        #expect(sides.device("na") == nil)
    }

    @Test func `gets a file name of its own, whatever the case`() {
        var names = ClientConfig.FileNames()
        let all = ["nas", "NAS", "Nas", "nas", "a very long name of a device", "a very long name of a machine"].map { names.next(for: $0) }
        #expect(Set(all.map { $0.lowercased() }).count == all.count, "\(all)")
        #expect(all[0] == "nas.conf")
        for name in all { #expect(name.utf8.count <= 20, "\(name)") }
    }
}
