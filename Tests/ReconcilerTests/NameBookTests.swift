// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Names
import Net
import Store
import Testing

@testable import Reconciler
@testable import Relay

@Suite struct `The names in the engine` {
    private static let now = UnixTime(seconds: 1_800_000_000)
    private let database: Database
    private let book = NameBook()
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        database = try Database(
            folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: Self.now)
        try database.change(by: .system, at: Self.now) {
            try $0.makeHub(
                name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                defaults: Settings(allowedIPs: [IPPrefix("10.3.2.0/24")!]))
        }
    }

    private func change<R>(_ body: (ChangeTransaction) throws -> R) throws -> R { try database.change(by: .system, at: Self.now, body) }

    private func add(_ name: String) throws -> Device { try change { try $0.add(NewDevice(name: name, publicKey: PrivateKey.generate().publicKey)) } }

    /// The number of names for the engine after what changed since `generation`; nil if it has them already.
    private func count(after generation: Int64?) throws -> Int?? {
        let part = generation.map { DesiredState.Part.changes(after: $0) } ?? .all
        let zone = book.zone(after: try database.read { try DesiredState($0, part, now: Self.now) })
        return zone.map { $0?.count }
    }

    private func generation() throws -> Int64 { try database.read { try $0.generation().desired } }

    @Test func `are new when a device comes, goes or is renamed, and not for other changes`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let a = try add("a")
        #expect(try count(after: nil) == 2)
        // A full round without news.
        #expect(try count(after: nil) == Int??.none)
        var before = try generation()
        let b = try add("b")
        #expect(try count(after: before) == 3)
        before = try generation()
        try change { db in
            var device = try db.device(a.id)
            device.overrides.mtu = .own(1300)
            try db.update(device)
        }
        #expect(try count(after: before) == Int??.none)
        before = try generation()
        try change { db in
            var device = try db.device(a.id)
            device.name = "c"
            try db.update(device)
        }
        #expect(try count(after: before) == 3)
        before = try generation()
        try change { try $0.removeDevice(b.id) }
        #expect(try count(after: before) == 2)
        before = try generation()
        // Another key is the same device.
        try change { _ = try $0.replaceKey(ofDevice: a.id, publicKey: PrivateKey.generate().publicKey, privateKey: nil) }
        #expect(try count(after: before) == 2)
    }

    @Test func `are new with the hub's own, and none without a domain`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try count(after: nil) == 1)
        var before = try generation()
        try change { try $0.setNames(Naming(records: [NameRecord("printer=10.0.0.1")!])) }
        #expect(try count(after: before) == 2)
        before = try generation()
        try change { try $0.setNames(Naming(domain: nil)) }
        #expect(try count(after: before) == .some(nil))
        before = try generation()
        try change { try $0.setNetworks([IPPrefix("10.9.0.0/16")!]) }
        #expect(try count(after: before) == .some(nil))
    }

    @Test func `are left to other rounds by checks`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try add("a")
        let check = try database.read { try DesiredState($0, .keysBeginning(with: 0...255), now: Self.now) }
        #expect(check.members.isEmpty)
        #expect(book.zone(after: check).map { $0?.count } == Int??.none)
    }
}
