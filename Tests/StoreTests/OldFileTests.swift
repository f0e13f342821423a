// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

/// Everything that can make a device's file old, one by one: each setting as a default and as the device's own, each address and each key.
struct `A file becomes old` {
    /// For each setting, a value that is not the default. A new setting needs one here.
    private static let values = [
        "allowed_ips": "10.99.0.0/16", "persistent_keepalive": "7", "endpoint": "other.example.org:4711", "dns": "10.3.2.9", "mtu": "1300",
        "table": "off",
    ]

    /// The settings that are lines of the file. The others concern the hub only.
    private static let inFile = SettingName.allCases.filter { $0.fileLine != nil }.map(\.rawValue)

    private let hub: TemporaryHub
    /// Follows all defaults and fetched its file.
    private let follower: String
    /// Follows them too, and never fetched a file.
    private let newcomer: String

    init() throws {
        hub = try TemporaryHub(defaults: Settings(endpoint: HostPort("hub.example.org")))
        (follower, newcomer) = (try hub.add(.sample("follower")).id, try hub.add(.sample("newcomer")).id)
        try fetch(follower)
    }

    private func fetch(_ id: String) throws { try hub.write { try $0.noteConfigFetched(ofDevice: id, at: 300) } }

    private func isOld(_ id: String) throws -> Bool { try hub.read { try $0.device(id) }.isConfigStale }

    private func change(_ id: String, _ edit: (inout Device) -> Void) throws {
        try hub.change { db in
            var device = try db.device(id)
            edit(&device)
            try db.update(device)
        }
    }

    private func value(of name: SettingName) throws -> String {
        try #require(Self.values[name.rawValue], "give the setting \(name.rawValue) a value in this test")
    }

    @Test(arguments: inFile)
    func `with a new default, unless the device has its own value or no file`(key: String) throws {
        let name = try #require(SettingName(rawValue: key))
        let owner = try hub.add(.sample("owner")).id
        let defaults = try hub.read { try $0.defaults() }
        try change(owner) { device in #expect(name.read(name.text(in: device.settings(over: defaults)), into: &device.overrides) == nil) }
        try fetch(owner)
        let value = try value(of: name)
        try hub.change { db in
            var defaults = try db.defaults()
            #expect(name.read(value, into: &defaults.settings) == nil)
            try db.update(defaults)
        }
        #expect(try isOld(follower))
        #expect(try !isOld(owner))
        #expect(try !isOld(newcomer))
        try fetch(follower)
        #expect(try !isOld(follower))
    }

    @Test func `but not with a setting that is none of its lines`() throws {
        #expect(SettingName.allCases.map(\.rawValue).filter { !Self.inFile.contains($0) } == ["copied_key"])
        try change(follower) { device in #expect(SettingName.copiedKey.read("keep", into: &device.overrides) == nil) }
        try hub.change { db in
            var defaults = try db.defaults()
            #expect(SettingName.copiedKey.read("suspend", into: &defaults.settings) == nil)
            try db.update(defaults)
        }
        #expect(try !isOld(follower))
    }

    @Test(arguments: inFile)
    func `with an own value, and again when the device follows the default again`(key: String) throws {
        let name = try #require(SettingName(rawValue: key))
        let value = try value(of: name)
        for id in [follower, newcomer] {
            try change(id) { device in #expect(name.read(value, into: &device.overrides) == nil) }
        }
        #expect(try isOld(follower))
        #expect(try !isOld(newcomer))
        try fetch(follower)
        try change(follower) { name.inherit(in: &$0.overrides) }
        #expect(try isOld(follower))
    }

    /// What the file also contains, and a change of each.
    private static let parts: [(name: String, change: @Sendable (ChangeTransaction, String) throws -> Void)] = [
        ("ipv4", { try $0.set($1) { $0.ipv4 = "10.3.2.99" } }), ("no ipv4", { try $0.set($1) { $0.ipv4 = nil } }),
        ("ipv6", { try $0.set($1) { $0.ipv6 = "fd00::3:2:99" } }), ("no ipv6", { try $0.set($1) { $0.ipv6 = nil } }),
        ("preshared key", { try $0.setPresharedKey(.generate(), ofDevice: $1) }), ("key pair", { _ = try $0.rotateKey(ofDevice: $1) }),
    ]

    @Test(arguments: parts.map(\.name))
    func `with another address or key`(part: String) throws {
        let change = try #require(Self.parts.first { $0.name == part }).change
        try hub.change { try change($0, follower) }
        #expect(try isOld(follower))
        try fetch(follower)
        #expect(try !isOld(follower))
    }

    /// What no file contains.
    private static let others: [(name: String, change: @Sendable (inout Device) -> Void)] = [
        ("name", { $0.name = "other" }), ("description", { $0.description = "on the shelf" }), ("tags", { $0.tags = [Tag("field")!] }),
        ("enabled", { $0.enabled = false }), ("expiry", { $0.expiresAt = 500 }), ("routes", { $0.routes = ["192.168.7.0/24"] }),
    ]

    @Test(arguments: others.map(\.name))
    func `with nothing that it does not contain`(other: String) throws {
        let edit = try #require(Self.others.first { $0.name == other }).change
        try change(follower) { edit(&$0) }
        #expect(try !isOld(follower))
    }
}

extension ChangeTransaction {
    /// Writes an edited copy of a device.
    fileprivate func set(_ id: String, _ edit: (inout Device) -> Void) throws {
        var device = try device(id)
        edit(&device)
        try update(device)
    }
}
