// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

@testable import Store

@Suite struct `A timed link` {
    let hub: TemporaryHub
    let start = UnixTime(seconds: 1_800_000_000)
    private let moment = ContinuousClock.now
    private let (a, b, c): (Device, Device, Device)

    init() throws {
        hub = try TemporaryHub(network6: nil, defaults: Settings(allowedIPs: ["10.9.0.0/16"]))
        a = try hub.add(.sample("a", overrides: Overrides(allowedIPs: .own(["192.168.0.0/16"]))))
        b = try hub.add(.sample("b"))
        c = try hub.add(.sample("c", overrides: Overrides(allowedIPs: .own([]))))
    }

    /// Grants a link of `first` and `second` at `at` seconds for `seconds`.
    @discardableResult
    private func grant(_ first: Device, _ second: Device, at: Int64 = 0, for seconds: Int64 = 7_200) throws -> TimedLink {
        let now = start.adding(seconds: at)
        _ = try hub.change(at: now) {
            _ = try $0.link(
                LinkChange(first: [try $0.device(first.id)], second: [try $0.device(second.id)]),
                for: TimedGrant(endsAt: now.adding(seconds: seconds), reason: "backup"))
        }
        return try #require(try hub.read { try $0.timedLinks() }.first { $0.joins(first.id, second.id) && $0.grantedAt == now })
    }

    /// A round of the hub's periodic work.
    private func look(after seconds: Int64, moment passed: Int64? = nil, in database: Database? = nil) throws {
        try (database ?? hub.database).endTimedLinks(
            at: start.adding(seconds: seconds), moment: moment.advanced(by: .seconds(passed ?? max(0, seconds))))
    }

    private func list(_ device: Device) throws -> Setting<[IPPrefix]> { try hub.read { try $0.device(device.id).overrides.allowedIPs } }
    private func newest() throws -> Int64 { try hub.read { try $0.generation().desired } }
    private func revert(_ generation: Int64, at seconds: Int64 = 10) throws {
        _ = try hub.change(at: start.adding(seconds: seconds)) { try $0.revert(generation) }
    }
    private func running() throws -> [TimedLink] { try hub.read { try $0.timedLinks() } }

    @Test func `adds both to the lists, and ends by itself in a change with its own author`() throws {
        let link = try grant(a, b)
        #expect(try list(a) == .own(["192.168.0.0/16", "10.3.2.3/32"]))
        #expect(try list(b) == .own(["10.9.0.0/16", "10.3.2.2/32"]))
        #expect(link.name == "a – b" && link.reason == "backup" && link.grantedBy == Author.ada.name)
        try look(after: 7_199)
        #expect(try running().count == 1)
        let before = try newest()
        try look(after: 7_200)
        #expect(try running().isEmpty)
        #expect(try list(a) == .own(["192.168.0.0/16"]))
        #expect(try list(b) == .inherit)
        #expect(try newest() == before + 1)
        let change = try hub.read { try $0.change(before + 1) }
        #expect(change.author == .timeLimit)
        let end = try #require(change.entries.first { $0.action == "timed_link.end" })
        #expect(end.sentence { _ in nil }.description == "Ended the timed link a – b")
        try look(after: 7_300)
        #expect(try newest() == before + 1)
    }

    @Test func `removes nothing that was there before or that somebody added since`() throws {
        _ = try hub.change { db in try db.update(device(db, c, lists: ["10.3.2.2/32"])) }
        try grant(a, c)
        _ = try hub.change { db in try db.update(device(db, a, lists: ["10.3.2.4/32", "10.3.2.0/28", "192.168.0.0/16"])) }
        try look(after: 7_200)
        #expect(try list(c) == .own(["10.3.2.2/32"]))
        #expect(try list(a) == .own(["10.3.2.0/28", "192.168.0.0/16"]))
    }

    @Test func `leaves a prefix that was removed and added again by somebody`() throws {
        try grant(a, c)
        _ = try hub.change { db in try db.update(device(db, a, lists: [])) }
        _ = try hub.change { db in try db.update(device(db, a, lists: ["10.3.2.4/32"])) }
        try look(after: 7_200)
        #expect(try list(a) == .own(["10.3.2.4/32"]))
        #expect(try list(c) == .own([]))
    }

    private func device(_ db: ChangeTransaction, _ device: Device, lists: [IPPrefix]) throws -> Device {
        var device = try db.device(device.id)
        device.overrides.allowedIPs = .own(lists)
        return device
    }

    @Test func `lasts if somebody links the two without an end, until that is undone`() throws {
        try grant(a, c)
        _ = try hub.change { try $0.link(LinkChange(first: [try $0.device(a.id)], second: [try $0.device(c.id)])) }
        let kept = try newest()
        #expect(try running().isEmpty)
        #expect(try hub.read { try $0.change(kept).entries.map(\.action) } == ["timed_link.keep"])
        try revert(kept)
        #expect(try running().count == 1)
        _ = try hub.change { try $0.link(LinkChange(first: [try $0.device(a.id)], second: [try $0.device(c.id)])) }
        try look(after: 7_200)
        #expect(try list(a) == .own(["192.168.0.0/16", "10.3.2.4/32"]))
        #expect(try list(c) == .own(["10.3.2.2/32"]))
    }

    @Test func `does not hold up another one of the same two, which ends later`() throws {
        try grant(b, c, for: 3_600)
        try grant(b, c, at: 60, for: 7_200)
        try look(after: 3_600)
        #expect(try list(b) == .own(["10.9.0.0/16", "10.3.2.4/32"]))
        try look(after: 7_260)
        #expect(try list(b) == .inherit)
        #expect(try list(c) == .own([]))
    }

    @Test func `of a device with several lets it follow the default again after the last`() throws {
        try grant(b, a, for: 3_600)
        try grant(b, c, for: 7_200)
        try look(after: 3_600)
        #expect(try list(b) == .own(["10.9.0.0/16", "10.3.2.4/32"]))
        try look(after: 7_200)
        #expect(try list(b) == .inherit)
    }

    @Test func `is undone like any change, and resumed with its end if the undo is undone`() throws {
        try grant(a, b)
        let granted = try newest()
        try revert(granted)
        #expect(try running().isEmpty)
        #expect(try list(b) == .inherit)
        try revert(granted + 1)
        #expect(try running().count == 1)
        #expect(try list(a) == .own(["192.168.0.0/16", "10.3.2.3/32"]))
        try look(after: 7_200)
        #expect(try list(a) == .own(["192.168.0.0/16"]))
        #expect(try list(b) == .inherit)
    }

    @Test func `that ended early comes back with an undo only while its time is not over`() throws {
        let link = try grant(a, b)
        _ = try hub.change(at: start) { try $0.endTimedLink(link.id) }
        let ended = try newest()
        #expect(try list(b) == .inherit)
        try revert(ended)
        #expect(try running().count == 1)
        _ = try hub.change(at: start) { try $0.endTimedLink(link.id) }
        try look(after: 7_200)
        let error = #expect(throws: StoreError.self) { try revert(ended + 2, at: 7_300) }
        #expect("\(error!)".contains("the time of that link is over"))
        #expect(try list(b) == .inherit)
    }

    @Test func `that ended by itself does not come back without an end`() throws {
        try grant(a, b)
        try look(after: 7_200)
        let ended = try newest()
        #expect(throws: StoreError.self) { try revert(ended, at: 7_300) }
        #expect(throws: StoreError.self) { try revert(ended - 1, at: 7_300) }
        #expect(try list(b) == .inherit)
    }

    @Test func `ends with an unlink, and is not ended again`() throws {
        try grant(a, b)
        _ = try hub.change { try $0.link(LinkChange(first: [try $0.device(a.id)], second: [try $0.device(b.id)], isUnlink: true)) }
        #expect(try running().isEmpty)
        let unlinked = try newest()
        #expect(try hub.read { try $0.change(unlinked).entries.map(\.action) }.contains("timed_link.end"))
        try look(after: 7_200)
        #expect(try newest() == unlinked)
        #expect(try hub.read { try !$0.connection.exists("SELECT 1 FROM timed_links") })
    }

    @Test func `clears the other list even if one device is gone`() throws {
        try grant(a, c)
        _ = try hub.change { try $0.removeDevice(c.id) }
        try look(after: 7_200)
        #expect(try list(a) == .own(["192.168.0.0/16"]))
    }

    @Test func `is refused if the two reach each other anyway, and for a time that makes no sense`() throws {
        _ = try hub.change { try $0.link(LinkChange(first: [try $0.device(a.id)], second: [try $0.device(c.id)])) }
        #expect(fieldErrors { try grant(a, c) }?.map(\.field) == ["duration"])
        #expect(fieldErrors { try grant(a, b, for: 59) }?.map(\.field) == ["until"])
        #expect(fieldErrors { try grant(a, b, for: TimedLink.longest + 1) }?.map(\.field) == ["until"])
        #expect(try grant(a, b, for: TimedLink.longest).isRunning)
    }

    @Test func `can have another end, which is recorded`() throws {
        let link = try grant(a, b)
        let later = start.adding(seconds: 10_000)
        _ = try hub.write { try $0.setEnd(ofTimedLink: link.id, to: later, by: .ada, at: start.adding(seconds: 7_000)) }
        try look(after: 7_200)
        #expect(try running().first?.endsAt == later)
        #expect(try hub.read { try $0.auditEntries(limit: 1) }.first?.changes.map(\.description).contains { $0.hasPrefix("ends at: ") } == true)
        try look(after: 10_000)
        #expect(try running().isEmpty)
    }

    @Test func `ends in time when the clock is set back, and at once when the hub starts with a clock before its beginning`() throws {
        try grant(a, b)
        try look(after: 0)
        // A year back, while the hub runs.
        let year: Int64 = 365 * 86_400
        try look(after: 7_100 - year, moment: 7_199)
        #expect(try running().count == 1)
        try look(after: 7_101 - year, moment: 7_200)
        #expect(try running().isEmpty)
        // And in a hub that starts then.
        try grant(a, b)
        try look(after: -299, in: hub.secondDatabase())
        #expect(try running().count == 1)
        try look(after: -301, in: hub.secondDatabase())
        #expect(try running().isEmpty)
    }

    @Test func `ends at once when the clock is set forward beyond its end`() throws {
        try grant(a, b)
        try look(after: 0)
        try look(after: 365 * 86_400, moment: 2)
        #expect(try running().isEmpty)
    }

    @Test func `survives a backup, and ends at the first look after a restore that came too late`() throws {
        try grant(a, b)
        let path = hub.temporary.path + "/backup.db"
        try hub.database.backUp(to: path)
        try look(after: 7_200)
        _ = try hub.database.restore(from: path, by: .ada, at: start.adding(seconds: 9_000))
        #expect(try running().count == 1)
        try look(after: 9_001)
        #expect(try running().isEmpty)
        #expect(try list(b) == .inherit)
    }
}

@Suite struct `A request for a link` {
    let hub: TemporaryHub
    let eve: Account
    let now = UnixTime(seconds: 1_800_000_000)
    private let devices: [Device]

    init() throws {
        let hub = try TemporaryHub()
        self.hub = hub
        eve = try hub.write { try $0.addAccount(email: "eve@example.org", passwordHash: "x", role: .viewer, by: .ada, at: 100) }
        devices = try (0..<12).map { try hub.add(.sample("d\($0)", overrides: Overrides(allowedIPs: .own([])))) }
    }

    @discardableResult
    private func ask(_ first: Int = 0, _ second: Int = 1, account: Account? = nil, at seconds: Int64 = 0) throws -> LinkRequest {
        let account = account ?? eve
        return try hub.write {
            try $0.askForLink(
                of: devices[first], and: devices[second], forSeconds: 7_200, reason: "to copy files", account: account.id,
                by: Author(name: account.email), at: now.adding(seconds: seconds))
        }
    }

    @Test func `waits, is recorded, and is answered with the grant`() throws {
        let request = try ask()
        #expect(try hub.read { try $0.waitingLinkRequestCount(at: now) } == 1)
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.author.name == "eve@example.org" && entry.sentence { _ in nil }.description == "Asked for a link: d0 – d1")
        _ = try hub.change(at: now) {
            let change = LinkChange(first: [try $0.device(devices[1].id)], second: [try $0.device(devices[0].id)])
            try $0.link(change, for: TimedGrant(endsAt: now.adding(seconds: 3_600), request: request.id))
        }
        let link = try #require(try hub.read { try $0.timedLinks() }.first)
        #expect(link.askedBy == "eve@example.org" && link.reason == "to copy files")
        let answered = try #require(try hub.read { try $0.linkRequests(ofAccount: eve.id, at: now) }.first)
        #expect(answered.state == .granted && answered.answeredBy == Author.ada.name)
        #expect(try hub.read { try $0.waitingLinkRequestCount(at: now) } == 0)
    }

    @Test func `cannot be granted as a link of other devices`() throws {
        let request = try ask()
        let errors = fieldErrors {
            _ = try hub.change(at: now) {
                let change = LinkChange(first: [try $0.device(devices[0].id)], second: [try $0.device(devices[2].id)])
                try $0.link(change, for: TimedGrant(endsAt: now.adding(seconds: 3_600), request: request.id))
            }
        }
        #expect(errors?.map(\.field) == ["b"])
        #expect(try hub.read { try $0.timedLinks() }.isEmpty)
    }

    @Test func `is refused with an answer`() throws {
        let request = try ask()
        _ = try hub.write { try $0.refuseLinkRequest(request.id, answer: "ask Bob", by: .ada, at: now) }
        let answered = try #require(try hub.read { try $0.linkRequests(at: now) }.first)
        #expect(answered.state == .refused && answered.answer == "ask Bob")
        #expect(throws: StoreError.notFound(kind: "request", id: request.id)) {
            _ = try hub.write { try $0.refuseLinkRequest(request.id, answer: "", by: .ada, at: now) }
        }
    }

    @Test func `is one of a limited number of each person and of all`() throws {
        for number in 1...LinkRequest.maximumPerAccount { try ask(0, number) }
        #expect(fieldErrors { try ask(0, 7) }?.map(\.field) == ["duration"])
        for number in 1..<(LinkRequest.maximumWaiting / LinkRequest.maximumPerAccount) {
            let other = try hub.write { try $0.addAccount(email: "v\(number)@example.org", passwordHash: "x", role: .viewer, by: .ada, at: 100) }
            for second in 1...LinkRequest.maximumPerAccount { try ask(0, second, account: other) }
        }
        let last = try hub.write { try $0.addAccount(email: "last@example.org", passwordHash: "x", role: .viewer, by: .ada, at: 100) }
        #expect(fieldErrors { try ask(0, 1, account: last) }?.map(\.field) == ["duration"])
        // A week later, all have lapsed.
        #expect(try ask(0, 1, account: last, at: LinkRequest.lifetime + 1).state == .waiting)
        #expect(try hub.read { try $0.connection.first("SELECT count(*) FROM link_requests", [], { try $0.integer() }) } == 1)
    }

    @Test func `needs a reason, two devices, and is not made twice`() throws {
        try ask()
        #expect(fieldErrors { try ask(1, 0) }?.map(\.field) == ["b"])
        #expect(fieldErrors { try ask(2, 2) }?.map(\.field) == ["b"])
        let errors = fieldErrors {
            _ = try hub.write {
                try $0.askForLink(of: devices[3], and: devices[4], forSeconds: 60, reason: "", account: eve.id, by: .ada, at: now)
            }
        }
        #expect(errors?.map(\.field) == ["reason"])
    }

    @Test func `goes with its account and with its devices`() throws {
        try ask()
        try ask(2, 3)
        _ = try hub.change { try $0.removeDevice(devices[0].id) }
        #expect(try hub.read { try $0.linkRequests(at: now) }.map(\.first) == [devices[2].id])
        _ = try hub.write { try $0.connection.execute("DELETE FROM accounts WHERE id = ?", [.text(eve.id)]) }
        #expect(try hub.read { try $0.linkRequests(at: now) }.isEmpty)
    }
}
