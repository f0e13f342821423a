// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Support
import Testing

@testable import Store

private typealias Expectation = Fleet.Expectation

@Suite struct `Expectations` {
    private let hub: TemporaryHub
    private let (web, db, guest): (Device, Device, Device)

    init() throws {
        hub = try TemporaryHub(defaults: Settings(allowedIPs: ["10.3.2.0/24"]))
        web = try hub.add(.sample("web"))
        db = try hub.add(.sample("db"))
        guest = try hub.add(.sample("guest", overrides: Overrides(allowedIPs: .own([]))))
    }

    @Test func `are kept in order with their last test, and can be removed`() throws {
        let first = try add(.device(web.id), true, .device(db.id), at: 1_000)
        let second = try add(.tag(Tag("guests")!), false, .address("192.168.7.9"), at: 1_001)
        #expect(try all() == [first, second])
        var test = Expectation.Test(at: 2_000)
        (test.passed, test.failed, test.untested, test.firstFailure) = (3, 2, 1, ("web", "db"))
        try hub.write { try $0.recordTest(test, ofExpectation: first.id) }
        #expect(try all().map(\.test) == [test, nil])
        try hub.write { try $0.removeExpectation(first.id, by: .ada, at: 3_000) }
        #expect(try all() == [second])
        #expect(throws: StoreError.notFound(kind: "expectation", id: first.id)) {
            try hub.write { try $0.removeExpectation(first.id, by: .ada, at: 3_000) }
        }
        let entries = try hub.read { try $0.auditEntries(limit: 3) }.map { $0.sentence { _ in nil }.description }
        #expect(
            entries == [
                "Removed the expectation web reaches db", "Added the expectation tag:guests never reaches 192.168.7.9",
                "Added the expectation web reaches db",
            ])
    }

    @Test func `are refused if they exist, if both sides are one device, and above the limit`() throws {
        try add(.device(web.id), true, .device(db.id))
        for (from, to) in [(Expectation.Side.device(web.id), Expectation.Side.device(db.id)), (.device(web.id), .device(web.id))] {
            #expect(fieldErrors { try add(from, false, to) }?.map(\.field) == ["to"])
        }
        #expect(fieldErrors { try add(.address("10.3.2.9"), true, .device(db.id)) }?.map(\.field) == ["from"])
        #expect(throws: StoreError.notFound(kind: "device", id: "zebra")) { try add(.device("zebra"), true, .device(db.id)) }
        for number in 1..<Expectation.limit { try add(.tag(Tag("t\(number)")!), true, .device(db.id)) }
        #expect(fieldErrors { try add(.tag(Tag("one-too-many")!), true, .device(db.id)) }?.map(\.field) == ["to"])
        #expect(try all().count == Expectation.limit)
    }

    @Test func `stop a change that breaks one, and nothing is written`() throws {
        try add(.device(web.id), true, .device(db.id))
        let generation = try hub.read { try $0.generation().desired }
        #expect(breaches { try shut(db) } == ["web reaches db: one-sided: db does not list web"])
        #expect(breaches { try hub.change { try $0.setEnabled(false, devices: [db.id]) } }?.count == 1)
        #expect(breaches { try hub.change { try $0.removeDevice(db.id) } } == ["web reaches db: db is removed"])
        #expect(
            breaches {
                try hub.change {
                    var defaults = try $0.defaults()
                    defaults.settings.allowedIPs = []
                    try $0.update(defaults)
                }
            }?.count == 1)
        #expect(try hub.read { try $0.generation().desired } == generation)
        #expect(try hub.read { try $0.device(db.id) } == db)
        // Of no concern to it.
        try hub.change { try $0.setEnabled(false, devices: [guest.id]) }
        try hub.change { try $0.edit(db.id, DeviceEdit(enabled: true)) }
    }

    @Test func `stop rules that break one, and a tag that rules name`() throws {
        try add(.device(web.id), true, .device(db.id))
        #expect(
            breaches { try hub.change { _ = try $0.setRules(RuleList([], end: .deny)) } }
                == ["web reaches db: web and db are linked, but the rules let nothing pass"])
        #expect(try hub.read { try $0.ruleList() } == .none)
        try hub.change { _ = try $0.setRules(RuleList([ServiceRule(.deny, to: .tag(Tag("locked")!))])) }
        #expect(
            breaches {
                try hub.change {
                    var edit = DeviceEdit()
                    edit.tags = [Tag("locked")!]
                    _ = try $0.edit(db.id, edit)
                }
            }?.count == 1)
    }

    @Test func `can be broken on purpose, which the audit log records and an undo takes back`() throws {
        let expectation = try add(.device(web.id), true, .device(db.id))
        let number = try hub.database.change(by: .ada, at: 300, breaksExpectations: true) { transaction in
            try transaction.setEnabled(false, devices: [db.id])
            return transaction.generation
        }
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "expectation.break" && entry.generation == number && entry.target == "expectation/\(expectation.id)")
        #expect(entry.sentence { _ in nil }.description == "Saved although it breaks the expectation web reaches db")
        #expect(try hub.read { try $0.irreversibleReason(ofChange: number) } == nil)
        #expect(try hub.read { try $0.scopes(ofReverting: number) } == [.devices])
        try hub.change { try $0.revert(number) }
        #expect(try hub.read { try $0.device(db.id).enabled })
        // Broken already, so the same change of another field goes on.
        try hub.database.change(by: .ada, at: 300, breaksExpectations: true) { try $0.setEnabled(false, devices: [db.id]) }
        try hub.change { try $0.edit(web.id, DeviceEdit(enabled: true)) }
    }

    @Test func `are part of a draft, which is not stopped`() throws {
        try add(.device(web.id), true, .device(db.id))
        let draft = try hub.database.draft(by: .ada, at: 300) { try $0.setEnabled(false, devices: [db.id]) }
        #expect(draft.breaches.map(\.sentence.description) == ["web reaches db"])
        #expect(try hub.database.draft(by: .ada, at: 300) { try $0.setEnabled(false, devices: [guest.id]) }.breaches == [])
    }

    @Test func `do not keep the hub from undoing what nobody confirmed`() throws {
        try hub.change {
            try $0.edit(
                guest.id,
                {
                    var edit = DeviceEdit(); edit.overrides = Overrides(allowedIPs: .own(["10.3.2.0/24"])); return edit
                }())
            try $0.awaitConfirmation(until: 300)
        }
        try add(.device(web.id), true, .device(guest.id))
        try hub.database.revertUnconfirmed(at: 400, moment: .now)
        #expect(try hub.read { try $0.device(guest.id).overrides.allowedIPs } == .own([]))
        #expect(try hub.read { try $0.auditEntries(limit: 5) }.contains { $0.action == "expectation.break" })
    }

    @Test func `go with their device, which the audit log records`() throws {
        let expectation = try add(.device(guest.id), false, .device(db.id))
        try hub.change { try $0.removeDevice(guest.id) }
        #expect(try all().isEmpty)
        let entry = try #require(try entries("expectation.remove").first)
        #expect(entry.target == "expectation/\(expectation.id)" && entry.after?.contains("guest never reaches db") == true)
    }

    @Test func `do not keep a timed link from ending`() throws {
        let lab = try hub.add(.sample("lab", overrides: Overrides(allowedIPs: .own([]))))
        try hub.change {
            try $0.link(LinkChange(first: [$0.device(guest.id)], second: [$0.device(lab.id)]), for: TimedGrant(endsAt: 300))
        }
        let expectation = try add(.device(guest.id), true, .device(lab.id))
        #expect(expectation.brokenSince == nil)
        try hub.database.endTimedLinks(at: 301, moment: .now)
        #expect(try hub.read { try $0.timedLinks() }.isEmpty)
        #expect(try all().map(\.brokenSince) == [301])
        #expect(try entries("expectation.break").map(\.author) == [.timeLimit])
    }

    @Test func `do not keep a copied key from being suspended`() throws {
        let laptop = try hub.add(.sample("laptop", overrides: Overrides(copiedKey: .own(.suspend))))
        try add(.device(web.id), true, .device(laptop.id))
        let endpoints = [Endpoint("192.0.2.1:1")!, Endpoint("192.0.2.2:1")!]
        try hub.database.suspend([laptop.publicKey: endpoints], at: 300)
        #expect(try !hub.read { try $0.device(laptop.id).enabled })
        #expect(try entries("expectation.break").map(\.author) == [.copiedKey])
    }

    @Test func `are reported once when a device expires, and once when it lives again`() throws {
        try add(.device(web.id), true, .device(db.id))
        var edit = DeviceEdit()
        edit.expiresAt = .some(1_000)
        try hub.change { [edit] in try $0.edit(db.id, edit) }
        #expect(try hub.database.noteExpectations(at: 999).isEmpty)
        let news = try hub.database.noteExpectations(at: 1_001)
        #expect(news.broken.map(\.reasons.description) == ["db is disabled or expired: nothing passes"])
        #expect(try hub.database.noteExpectations(at: 1_002).isEmpty)
        #expect(try all().map(\.brokenSince) == [1_001])
        #expect(try entries("expectation.fail").count == 1)
        // Of no concern to it, and not stopped by it.
        try hub.change(at: 1_003) { try $0.setEnabled(false, devices: [guest.id]) }
        edit.expiresAt = .some(nil)
        try hub.change(at: 1_004) { [edit] in try $0.edit(db.id, edit) }
        #expect(try all().map(\.brokenSince) == [nil])
        #expect(try entries("expectation.hold").map(\.author) == [.ada])
        #expect(try hub.database.noteExpectations(at: 1_005).isEmpty)
    }

    @Test func `may be broken when they are added, and hold again after a change, or with the clock`() throws {
        let first = try add(.device(web.id), true, .device(guest.id), at: 500)
        #expect(first.brokenSince == 500)
        try hub.change {
            var edited = try $0.device(guest.id)
            edited.overrides.allowedIPs = .inherit
            try $0.update(edited)
        }
        #expect(try all().map(\.brokenSince) == [nil])
        // A clock that is set back brings an expired device to life without a change.
        var edit = DeviceEdit()
        edit.expiresAt = .some(1_000)
        try hub.change { [edit] in try $0.edit(guest.id, edit) }
        #expect(try hub.database.noteExpectations(at: 1_001).broken.count == 1)
        #expect(try hub.database.noteExpectations(at: 900).kept.map(\.id) == [first.id])
        #expect(try entries("expectation.hold").map(\.author) == [.system, .ada])
    }

    @discardableResult
    private func add(_ from: Expectation.Side, _ isReached: Bool, _ to: Expectation.Side, at now: UnixTime = 200) throws -> Expectation {
        try hub.write { try $0.addExpectation(from: from, to: to, isReached: isReached, by: .ada, at: now) }
    }

    /// The newest first.
    private func entries(_ action: String) throws -> [AuditEntry] {
        try hub.read { try $0.auditEntries(limit: 100) }.filter { $0.action == action }
    }

    private func all() throws -> [Expectation] { try hub.read { try $0.expectations() } }

    private func shut(_ device: Device) throws {
        try hub.change {
            var edited = try $0.device(device.id)
            edited.overrides.allowedIPs = .own([])
            try $0.update(edited)
        }
    }

    /// The sentences and reasons; nil if `body` was not stopped.
    private func breaches(_ body: () throws -> Void) -> [String]? {
        do { try body() } catch StoreError.breaches(let found) { return found.map { "\($0.sentence): \($0.reasons)" } } catch {}
        return nil
    }
}
