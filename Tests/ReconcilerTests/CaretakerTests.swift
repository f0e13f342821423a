// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Logging
import Net
import Synchronization
import Testing

@testable import Reconciler
@testable import Store

struct `The caretaker` {
    private let house: House

    init() throws { house = try House() }

    @Test func `undoes a change that nobody confirmed in time`() throws {
        try house.database.change(by: .system, at: house.start) {
            var defaults = try $0.defaults()
            defaults.settings.mtu = 1300
            try $0.update(defaults)
            try $0.awaitConfirmation(until: house.start.adding(seconds: 60))
        }
        house.look(after: 59)
        #expect(try house.mtu == 1300)
        house.look(after: 60)
        #expect(try house.mtu == nil)
        #expect(house.log.lines == [])
    }

    @Test func `runs once before it starts its thread, then on each beat`() throws {
        try house.change(mtu: 1300, until: 60)
        house.clock.withLock { $0 = $0.adding(seconds: 61) }
        try house.caretaker.start()
        #expect(try house.mtu == nil)
        try house.change(mtu: 1400, until: 90)
        house.clock.withLock { $0 = $0.adding(seconds: 30) }
        #expect(try house.eventually { try house.mtu == nil })
        house.caretaker.stop()
        try house.change(mtu: 1300, until: 100)
        house.clock.withLock { $0 = $0.adding(seconds: 60) }
        usleep(200_000)
        #expect(try house.mtu == 1300)
    }

    @Test func `removes expired links`() throws {
        try house.database.change(by: .system, at: house.start) { db in
            let device = try db.add(NewDevice(name: "laptop", publicKey: PrivateKey.generate().publicKey))
            _ = try db.makeLink(toDevice: device.id, privateKey: .generate(), validFor: 60, by: .system, at: house.start)
        }
        let count = { try house.database.read { try $0.connection.first("SELECT count(*) FROM one_time_links", [], { try $0.integer() }) } }
        house.look(after: 59)
        #expect(try count() == 1)
        house.look(after: 60)
        #expect(try count() == 0)
    }

    @Test func `removes old audit entries at most once an hour, also after the clock was set back`() throws {
        let day: Int64 = 86_400
        try house.database.write { try $0.setAuditDays(1, by: .system, at: house.start) }
        let removals = { try house.database.read { try $0.auditEntries(limit: 100) }.filter { $0.action == "audit.remove_old" }.count }
        house.look(after: day)
        #expect(try removals() == 0)
        house.look(after: day + 60)
        #expect(try removals() == 1)
        try house.database.write { try $0.record("login", target: "x", by: .system, at: house.start) }
        try house.database.write { try $0.record("login", target: "x", by: .system, at: house.start.adding(seconds: day)) }
        house.look(after: day + 61)
        #expect(try house.database.read { try $0.firstBrokenAuditEntry() } == nil)
        let before = try house.database.read { try $0.auditHead()?.number }
        house.look(after: day + 3600)
        #expect(try house.database.read { try $0.auditHead()?.number } == before)
        house.look(after: 2 * day + 61)
        #expect(try house.database.read { try $0.auditHead()?.number } == before.map { $0 + 1 })
        #expect(try house.database.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    /// Each removal adds an entry itself.
    @Test func `leaves entries that become old within the hour to the next removal`() throws {
        let day: Int64 = 86_400
        try house.database.write { try $0.setAuditDays(1, by: .system, at: house.start) }
        for minute in 1...60 {
            try house.database.write { try $0.record("login", target: "x", by: .system, at: house.start.adding(seconds: Int64(minute) * 60)) }
        }
        let removals = { try house.database.read { try $0.auditEntries(limit: 100) }.filter { $0.action == "audit.remove_old" }.count }
        house.look(after: day + 30)
        #expect(try removals() == 1)
        for second in stride(from: day + 90, to: day + 30 + 3_600, by: 300) {
            house.look(after: second)
            #expect(try removals() == 1, "\(second - day)")
        }
        house.look(after: day + 30 + 3_600)
        #expect(try removals() == 2)
        #expect(try house.database.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `logs a failure once, and again only if it recurs`() throws {
        let other = try Connection(path: house.database.path, mode: .writer)
        try other.execute("ALTER TABLE one_time_links RENAME TO lost")
        for second in 1...3 { house.look(after: Int64(second)) }
        #expect(house.log.lines == ["expired links and old audit entries are not removed for now"])
        // The rest of its work continues.
        try house.change(mtu: 1300, until: 4)
        house.look(after: 4)
        #expect(try house.mtu == nil)
        try other.execute("ALTER TABLE lost RENAME TO one_time_links")
        house.look(after: 5)
        try other.execute("ALTER TABLE one_time_links RENAME TO lost")
        house.look(after: 6)
        #expect(house.log.lines.count == 2)
    }
}

/// A store and a caretaker with a clock and a log that the test controls.
private final class House {
    let start = UnixTime(seconds: 1_800_000_000)
    let clock: SharedClock
    let log = KeptLines()
    let database: Database
    let caretaker: Caretaker
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")
    private let moment = ContinuousClock.now

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let start = start
        database = try Database(folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: start)
        try database.change(by: .system, at: start) {
            try $0.makeHub(
                name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                defaults: Settings(allowedIPs: [IPPrefix("10.3.2.0/24")!], persistentKeepalive: 0))
        }
        let (clock, log) = (SharedClock(start), log)
        self.clock = clock
        caretaker = try Caretaker(
            database: database, logger: Logger(label: "test") { _ in log }, clock: { clock.now.withLock { $0 } }, beat: .milliseconds(20))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var mtu: Int? { get throws { try database.read { try $0.defaults() }.settings.mtu } }

    func look(after seconds: Int64) { caretaker.look(at: start.adding(seconds: seconds), moment: moment) }

    func change(mtu: Int, until seconds: Int64) throws {
        try database.change(by: .system, at: start) {
            var defaults = try $0.defaults()
            defaults.settings.mtu = mtu
            try $0.update(defaults)
            try $0.awaitConfirmation(until: start.adding(seconds: seconds))
        }
    }

    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            usleep(5_000)
        }
        return try condition()
    }
}

/// A wall clock that the test sets.
private final class SharedClock: Sendable {
    let now: Mutex<UnixTime>
    init(_ now: UnixTime) { self.now = Mutex(now) }
    func withLock(_ change: (inout UnixTime) -> Void) { now.withLock { change(&$0) } }
}

/// Keeps the warnings of a logger.
private struct KeptLines: LogHandler {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private let kept = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    var lines: [String] { kept.all.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { if event.level >= .warning { kept.all.withLock { $0.append("\(event.message)") } } }
}
