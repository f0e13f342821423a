// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing

@testable import Store

@Suite struct `What changed since a generation` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    private func reached() throws -> Int64 { try hub.read { try $0.generation().desired } }

    @Test func `includes the devices that were added or edited`() throws {
        var edited = try hub.add(.sample("edited", routes: ["192.168.7.0/24"]))
        try hub.add(.sample("untouched"))
        let generation = try reached()
        let added = try hub.add(.sample("added"))
        edited.name = "renamed"
        edited = try hub.change { try $0.update(edited) }
        #expect(Set(try hub.read { try $0.devices(changedAfter: generation) }) == [added, edited])
        #expect(try hub.read { try $0.devices(changedAfter: edited.revision) } == [])
    }

    @Test func `includes the keys of removed devices and replaced keys`() throws {
        let (removed, rotated) = (try hub.add(.sample("a")), try hub.add(.sample("b")))
        let generation = try reached()
        try hub.change { try $0.removeDevice(removed.id) }
        _ = try hub.change { try $0.replaceKey(ofDevice: rotated.id, publicKey: PrivateKey.generate().publicKey, privateKey: nil) }
        #expect(Set(try hub.read { try $0.departedKeys(after: generation) }) == [removed.publicKey, rotated.publicKey])
        #expect(try hub.read { try $0.departedKeys(after: generation + 1) } == [rotated.publicKey])
    }

    @Test func `no longer includes keys whose removal the engine has acknowledged`() throws {
        let device = try hub.add(.sample("a"))
        try hub.change { try $0.removeDevice(device.id) }
        let generation = try reached()
        try hub.write { try $0.acknowledge(generation: generation, at: 300) }
        #expect(try hub.read { try $0.departedKeys(after: 0) } == [])
    }

    @Test func `includes the defaults after a restore, because every device may follow them`() throws {
        try hub.add(.sample("a"))
        let backup = hub.temporary.path + "/backup.db"
        try hub.database.backUp(to: backup)
        let generation = try reached()
        _ = try hub.database.restore(from: backup, by: .ada, at: 300)
        #expect(try hub.read { try $0.defaults().revision } > generation)
    }
}

@Suite struct `The list of devices` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    private func names(_ transaction: ReadTransaction) throws -> [String] { try transaction.devices().map(\.name) }

    @Test func `shows what another process changed since it was read`() throws {
        try hub.add(.sample("a"))
        #expect(try hub.read(names) == ["a"])
        let other = try hub.secondDatabase()
        _ = try other.change(by: .ada, at: 300) { try $0.add(.sample("b")) }
        #expect(try hub.read(names) == ["a", "b"])
    }

    @Test func `shows a file that was fetched since it was read`() throws {
        let device = try hub.add(.sample("a"))
        #expect(try hub.read { try $0.devices() }.first?.fetchedAt == nil)
        try hub.write { try $0.noteConfigFetched(ofDevice: device.id, at: 400) }
        #expect(try hub.read { try $0.devices() }.first?.fetchedAt == 400)
    }

    @Test func `shows an edit, a new name, an addition and a removal since it was read`() throws {
        var (a, b) = (try hub.add(.sample("a")), try hub.add(.sample("b")))
        #expect(try hub.read { try $0.devices() } == [a, b])
        a.description = "of Ada"
        a = try hub.change { try $0.update(a) }
        #expect(try hub.read { try $0.devices() } == [a, b])
        a.name = "z"
        a = try hub.change { try $0.update(a) }
        #expect(try hub.read { try $0.devices() } == [b, a])
        try hub.change { try $0.removeDevice(b.id) }
        b = try hub.add(.sample("c"))
        #expect(try hub.read { try $0.devices() } == [b, a])
    }

    @Test func `shows that defaults made files old since it was read`() throws {
        let device = try hub.add(.sample("a"))
        #expect(try hub.read { try $0.devices() } == [device])
        try hub.change { db in
            var defaults = try db.defaults()
            defaults.settings.mtu = 1400
            try db.update(defaults)
        }
        #expect(try hub.read { try $0.devices() }.map(\.configRevision) == [device.revision + 1])
    }

    @Test func `shows a change its own additions, and others only what was committed`() throws {
        try hub.add(.sample("a"))
        _ = try hub.read(names)
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try hub.change { db in
                _ = try db.add(.sample("b"))
                #expect(try names(db) == ["a", "b"])
                throw Refused()
            }
        }
        #expect(try hub.read(names) == ["a"])
    }

    @Test func `shows a change each of its own writes`() throws {
        var (a, b) = (try hub.add(.sample("a")), try hub.add(.sample("b", routes: ["192.168.7.0/24"])))
        _ = try hub.read(names)
        try hub.change { db in
            func expectAllRows() throws { #expect(try db.devices() == db.readDeviceIndex().devices) }
            try expectAllRows()
            a.overrides.mtu = .own(1300)
            a = try db.update(a)
            try expectAllRows()
            a.name = "z"
            _ = try db.update(a)
            try expectAllRows()
            try db.removeDevice(b.id)
            try expectAllRows()
            b = try db.add(.sample("c"))
            try expectAllRows()
            var defaults = try db.defaults()
            defaults.settings.mtu = 1400
            try db.update(defaults)
            try expectAllRows()
            try db.noteConfigFetched(ofDevice: b.id, at: 300)
            try expectAllRows()
        }
        #expect(try hub.read { try $0.devices() } == hub.read { try $0.readDeviceIndex().devices })
    }

    @Test func `shows nothing of a draft, nor of a write that failed`() throws {
        let a = try hub.add(.sample("a"))
        _ = try hub.read(names)
        _ = try hub.database.draft(by: .ada, at: 300) { db in
            _ = try db.add(.sample("b"))
            #expect(try names(db) == ["a", "b"])
        }
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try hub.write { db in
                try db.noteConfigFetched(ofDevice: a.id, at: 300)
                #expect(try db.devices().map(\.fetchedAt) == [300])
                throw Refused()
            }
        }
        // These have the generation and the number of fetches that the draft and the failed write had.
        let c = try hub.add(.sample("c"))
        try hub.write { try $0.noteConfigFetched(ofDevice: c.id, at: 400) }
        #expect(try hub.read { try $0.devices() }.map(\.fetchedAt) == [nil, 400])
        #expect(try hub.read(names) == ["a", "c"])
    }

    @Test func `shows a change the hub and the defaults that it wrote`() throws {
        try hub.change { db in
            var (edited, defaults) = (try db.hub(), try db.defaults())
            edited.name = "another"
            defaults.settings.mtu = 1400
            try db.update(edited)
            try db.update(defaults)
            #expect(try db.hub().name == "another")
            #expect(try db.defaults().settings.mtu == 1400)
        }
    }
}
