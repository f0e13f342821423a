// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

struct `Undoing a change` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub(defaults: Settings(allowedIPs: ["10.3.2.0/24"], persistentKeepalive: 25)) }

    @Test func `restores every field of a device`() throws {
        let device = try hub.add(
            NewDevice(
                name: "a", description: "of Ada", publicKey: PrivateKey.generate().publicKey, routes: ["192.168.7.0/24"],
                overrides: Overrides(dns: .own([.server("9.9.9.9")]), endpoint: .own(nil), mtu: .own(1300))))
        try edit(device.id) {
            $0.name = "b"
            $0.description = ""
            $0.tags = ["field"].compactMap { Tag($0) }
            $0.enabled = false
            $0.expiresAt = 900
            $0.ipv4 = "10.3.2.99"
            $0.ipv6 = nil
            $0.routes = ["192.168.8.0/24", "fd12::/64"]
            $0.overrides = Overrides(allowedIPs: .own([]), persistentKeepalive: .own(0))
        }
        try revertNewest()
        let back = try hub.read { try $0.device(device.id) }
        #expect(back.name == "a")
        #expect(back.description == "of Ada")
        #expect(back.tags.isEmpty)
        #expect(back.enabled)
        #expect(back.expiresAt == nil)
        #expect(back.ipv4 == device.ipv4)
        #expect(back.ipv6 == device.ipv6)
        #expect(back.routes == device.routes)
        #expect(back.overrides == device.overrides)
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `can be undone itself`() throws {
        let device = try hub.add(.sample("a"))
        try edit(device.id) { $0.overrides.mtu = .own(1300) }
        try revertNewest()
        #expect(try hub.read { try $0.device(device.id) }.overrides.mtu == .inherit)
        try revertNewest()
        #expect(try hub.read { try $0.device(device.id) }.overrides.mtu == .own(1300))
    }

    @Test func `covers all devices of the change, and the defaults`() throws {
        let (a, b) = (try hub.add(.sample("a")), try hub.add(.sample("b")))
        try hub.change { db in
            for id in [a.id, b.id] {
                var device = try db.device(id)
                device.overrides.allowedIPs = .own(["10.3.2.9/32"])
                try db.update(device)
            }
            var defaults = try db.defaults()
            defaults.settings.persistentKeepalive = 0
            try db.update(defaults)
        }
        let change = try hub.read { try $0.change(newest()) }
        #expect(change.entries.map(\.target) == ["device/\(a.id)", "device/\(b.id)", "defaults"])
        try revertNewest()
        #expect(try hub.read { try $0.devices() }.allSatisfy { $0.overrides == Overrides() })
        #expect(try hub.read { try $0.defaults() }.settings.persistentKeepalive == 25)
        let entries = try hub.read { try $0.change(newest()) }.entries
        #expect(entries.last?.action == "change.revert")
        #expect(entries.last?.target == "change/\(change.generation)")
    }

    @Test func `keeps later changes to other fields`() throws {
        let device = try hub.add(.sample("a"))
        try edit(device.id) { $0.overrides.mtu = .own(1300) }
        let first = try newest()
        try edit(device.id) { $0.description = "moved" }
        try hub.change { try $0.revert(first) }
        let back = try hub.read { try $0.device(device.id) }
        #expect(back.overrides.mtu == .inherit)
        #expect(back.description == "moved")
    }

    @Test func `is refused as a whole if a field was changed again`() throws {
        let (a, b) = (try hub.add(.sample("a")), try hub.add(.sample("b")))
        try hub.change { db in
            for id in [a.id, b.id] {
                var device = try db.device(id)
                device.overrides.mtu = .own(1300)
                try db.update(device)
            }
        }
        let change = try newest()
        try edit(a.id) { $0.overrides.mtu = .own(1400) }
        #expect(reason { try hub.change { try $0.revert(change) } } == "a has changed since: mtu is now 1400. Edit it instead.")
        #expect(try hub.read { try $0.device(b.id) }.overrides.mtu == .own(1300))
        try edit(a.id) { $0.overrides.mtu = .own(1300) }
        try hub.change { try $0.revert(change) }
        #expect(reason { try hub.change { try $0.revert(change) } } != nil)
    }

    @Test func `is refused if it would break a rule`() throws {
        let device = try hub.add(.sample("a"))
        try edit(device.id) { $0.ipv4 = "10.3.2.99" }
        let change = try newest()
        try hub.add(.sample("b", ipv4: .own("10.3.2.2")))
        #expect(reason { try hub.change { try $0.revert(change) } }?.contains("10.3.2.2 belongs to b.") == true)
    }

    @Test func `is refused if a key or a device is gone`() throws {
        let device = try hub.add(.sample("a"))
        try hub.change { try $0.replaceKey(ofDevice: device.id, publicKey: PrivateKey.generate().publicKey, privateKey: nil) }
        #expect(reason { try revertNewest() }?.contains("the old one is gone") == true)
        try edit(device.id) { $0.name = "b" }
        let change = try newest()
        try hub.change { try $0.removeDevice(device.id) }
        #expect(reason { try revertNewest() }?.contains("key is gone") == true)
        #expect(reason { try hub.change { try $0.revert(change) } } == "The device was deleted in the meantime.")
        #expect(throws: StoreError.notFound(kind: "change", id: "77")) { try hub.change { try $0.revert(77) } }
    }

    @Test func `removes the devices that the change added, with the links to them`() throws {
        let old = try hub.add(.sample("old"))
        try edit(old.id) { $0.overrides.allowedIPs = .own([]) }
        let added = try hub.change { db in
            let added = [try db.add(.sample("a")), try db.add(.sample("b"))]
            try db.link(LinkChange(first: added, second: [try db.device(old.id)]))
            return added
        }
        let change = try newest()
        let draft = try hub.database.draft(by: .ada, at: 300) { try $0.revert(change) }
        #expect(draft.removed.sorted() == added.map(\.id).sorted())
        try hub.change { try $0.revert(change) }
        #expect(try hub.read { try $0.devices() }.map(\.name) == ["old"])
        #expect(try hub.read { try $0.device(old.id) }.overrides.allowedIPs == .own([]))
        #expect(reason { try revertNewest() }?.contains("key is gone") == true)
    }

    @Test func `removes no device that has changed since it was added`() throws {
        let (a, b) = try hub.change { (try $0.add(.sample("a")), try $0.add(.sample("b"))) }
        let change = try newest()
        try edit(a.id) { $0.description = "in use" }
        #expect(
            reason { try hub.change { try $0.revert(change) } } == "a has changed since it was added. To remove it, delete it on its page.")
        #expect(try hub.read { try $0.device(b.id) }.name == "b")
        try edit(a.id) { $0.description = "" }
        try hub.change { try $0.revert(change) }
        #expect(try hub.read { try $0.devices() }.isEmpty)
    }

    @Test func `removes a preshared key that the change set, but cannot restore one`() throws {
        let device = try hub.add(.sample("a"))
        _ = try hub.change { try $0.setPresharedKey(.generate(), ofDevice: device.id) }
        let first = try newest()
        try revertNewest()
        #expect(try !hub.read { try $0.device(device.id) }.hasPresharedKey)
        #expect(first < (try newest()))
        _ = try hub.change { try $0.setPresharedKey(.generate(), ofDevice: device.id) }
        _ = try hub.change { try $0.setPresharedKey(.generate(), ofDevice: device.id) }
        #expect(reason { try revertNewest() }?.contains("preshared key of a") == true)
    }

    @Test func `can be tried in a draft, which writes nothing`() throws {
        let device = try hub.add(.sample("a"))
        try edit(device.id) { $0.overrides.mtu = .own(1300) }
        let before = try hub.read { (try $0.generation(), try $0.devices(), try $0.auditHead()?.number) }
        let draft = try hub.database.draft(by: .ada, at: 300) { try $0.revert($0.generation - 1) }
        #expect(draft.devices.map(\.overrides.mtu) == [.inherit])
        #expect(draft.defaults == (try hub.read { try $0.defaults() }))
        let after = try hub.read { (try $0.generation(), try $0.devices(), try $0.auditHead()?.number) }
        #expect(before == after)
    }

    @Test func `a draft makes no audit entries, which would be undone`() throws {
        let device = try hub.add(.sample("a"))
        _ = try hub.database.draft(by: .ada, at: 300) {
            let before = try $0.auditHead()?.number
            _ = try $0.edit(device.id, DeviceEdit(enabled: false))
            #expect(try $0.auditHead()?.number == before)
        }
    }

    @Test func `a draft follows the same rules as a change`() throws {
        let device = try hub.add(.sample("a"))
        #expect(
            fieldErrors {
                _ = try hub.database.draft(by: .ada, at: 300) {
                    var edited = device
                    edited.overrides.mtu = .own(1)
                    try $0.update(edited)
                }
            }?.map(\.field) == ["mtu"])
    }

    private func edit(_ id: String, _ body: (inout Device) -> Void) throws {
        try hub.change { db in
            var device = try db.device(id)
            body(&device)
            try db.update(device)
        }
    }

    private func newest() throws -> Int64 { try hub.read { try $0.generation().desired } }

    private func revertNewest() throws {
        let newest = try newest()
        try hub.change { try $0.revert(newest) }
    }

    private func reason(_ body: () throws -> Void) -> String? {
        do { try body() } catch StoreError.irreversible(let reason) { return "\(reason)" } catch {}
        return nil
    }
}

struct `A change that awaits confirmation` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(.sample("a"))
    }

    @Test func `is undone when its time has run out, by any process`() throws {
        try saveUnconfirmed(until: 500)
        try hub.database.revertUnconfirmed(at: 499, moment: .now)
        #expect(try mtu() == .own(1300))
        try hub.secondDatabase().revertUnconfirmed(at: 500, moment: .now)
        #expect(try mtu() == .inherit)
        #expect(try hub.read { try $0.awaitedConfirmations() }.isEmpty)
        let last = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(last.action == "change.revert")
        #expect(last.author == .system)
    }

    @Test func `is undone when its time has run out, even if the clock was set back`() throws {
        let start = ContinuousClock.now
        try saveUnconfirmed(until: 500)
        try hub.database.revertUnconfirmed(at: 440, moment: start)
        try hub.database.revertUnconfirmed(at: -80_000, moment: start + .seconds(59))
        #expect(try mtu() == .own(1300))
        try hub.database.revertUnconfirmed(at: -80_000, moment: start + .seconds(60))
        #expect(try mtu() == .inherit)
    }

    @Test func `waits for half an hour at most, whatever the clock was when it was saved`() throws {
        let start = ContinuousClock.now
        try saveUnconfirmed(until: 90_000)
        try hub.database.revertUnconfirmed(at: 100, moment: start)
        try hub.database.revertUnconfirmed(at: 100, moment: start + .seconds(1799))
        #expect(try mtu() == .own(1300))
        try hub.database.revertUnconfirmed(at: 100, moment: start + .seconds(1800))
        #expect(try mtu() == .inherit)
    }

    @Test func `stays once it is confirmed`() throws {
        let generation = try saveUnconfirmed(until: 500)
        #expect(try hub.read { try $0.change(generation).awaited?.deadline } == 500)
        try hub.write { try $0.confirm(change: generation, by: .ada, at: 400) }
        try hub.database.revertUnconfirmed(at: 600, moment: .now)
        #expect(try mtu() == .own(1300))
        #expect(throws: StoreError.self) { try hub.write { try $0.confirm(change: generation, by: .ada, at: 600) } }
    }

    @Test func `stays, with an entry in the log, if somebody changed the same field again`() throws {
        try saveUnconfirmed(until: 500)
        try hub.change { db in
            var edited = try db.device(device.id)
            edited.overrides.mtu = .own(1400)
            try db.update(edited)
        }
        try hub.database.revertUnconfirmed(at: 600, moment: .now)
        #expect(try mtu() == .own(1400))
        #expect(try hub.read { try $0.awaitedConfirmations() }.isEmpty)
        let last = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(last.action == "change.keep")
        #expect(last.after?.contains("mtu is now 1400") == true)
    }

    @Test func `waits for nothing if nothing changed`() throws {
        try hub.change {
            try $0.update(try $0.device(device.id))
            try $0.awaitConfirmation(until: 500)
        }
        #expect(try hub.read { try $0.awaitedConfirmations() }.isEmpty)
    }

    @Test func `no longer waits once somebody undid it`() throws {
        let generation = try saveUnconfirmed(until: 500)
        try hub.change { try $0.revert(generation) }
        #expect(try hub.read { try $0.awaitedConfirmations() }.isEmpty)
    }

    /// Whoever undoes a change must be allowed to change all that it touched.
    @Test func `needs the scopes of all that it touches to be undone`() throws {
        func scopes(_ body: (ChangeTransaction) throws -> Void) throws -> Set<TokenScope> {
            let generation = try hub.change { db in
                try body(db)
                return db.generation
            }
            return try hub.read { try $0.scopes(ofReverting: generation) }
        }
        func defaults(_ db: ChangeTransaction) throws {
            var defaults = try db.defaults()
            defaults.settings.persistentKeepalive += 1
            try db.update(defaults)
        }
        func edit(_ db: ChangeTransaction) throws {
            var edited = try db.device(device.id)
            edited.tags = edited.tags + [Tag("t\(edited.revision)")!]
            try db.update(edited)
        }
        #expect(try scopes(edit) == [.devices])
        #expect(try scopes(defaults) == [.settings])
        #expect(try scopes { try $0.setNetworks(["10.3.0.0/16", "fd00::3:2:0/120"]) }.contains(.settings))
        let both = try scopes { db in
            try defaults(db)
            try edit(db)
        }
        #expect(both == [.devices, .settings])
    }

    @discardableResult
    private func saveUnconfirmed(until deadline: UnixTime) throws -> Int64 {
        try hub.change { db in
            var edited = try db.device(device.id)
            edited.overrides.mtu = .own(1300)
            try db.update(edited)
            try db.awaitConfirmation(until: deadline)
            return db.generation
        }
    }

    private func mtu() throws -> Setting<Int?> { try hub.read { try $0.device(device.id) }.overrides.mtu }
}
