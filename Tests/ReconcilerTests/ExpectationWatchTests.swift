// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Logging
import Net
import Store
import Synchronization
import Testing

@testable import Reconciler

private typealias Expectation = Fleet.Expectation

@Suite struct `The nightly test of expectations` {
    /// Midnight, UTC.
    private static let midnight = UnixTime(seconds: 1_800_057_600)

    @Test func `runs once a night, and stores what the devices answered`() throws {
        let night = try Night()
        night.look(hour: 2)
        #expect(night.rounds == 0)
        night.look(hour: 3)
        night.look(hour: 3, minute: 30)
        #expect(night.rounds == 1)
        let test = try #require(try night.tests().first ?? nil)
        #expect(test.at == Self.midnight.adding(seconds: 3 * 3600) && test.failed == 1 && test.firstFailure?.to == "b")
        night.pings.outcome.withLock { $0 = .answered(.milliseconds(2)) }
        night.look(hour: 12)
        night.look(hour: 27)
        #expect(night.rounds == 2)
        #expect(try night.tests().first??.passed == 1)
    }

    @Test func `is made up for if the hub did not run at night`() throws {
        let night = try Night()
        night.look(hour: 3)
        night.look(hour: 32)
        #expect(night.rounds == 1)
        night.look(hour: 34)
        #expect(night.rounds == 2)
    }

    @Test func `is not repeated after a restart`() throws {
        let night = try Night()
        night.look(hour: 3)
        try night.restart()
        night.look(hour: 3, minute: 40)
        #expect(night.rounds == 1)
    }

    @Test func `notes within its beat that a device expired, without a change`() throws {
        let night = try Night()
        night.look(hour: 1)
        #expect(try night.expectations().map(\.brokenSince) == [nil])
        try night.expire("b", atHour: 2)
        night.look(hour: 1, minute: 59)
        #expect(try night.expectations().map(\.brokenSince) == [nil])
        night.look(hour: 2, minute: 1)
        #expect(try night.expectations().map(\.brokenSince) == [Self.midnight.adding(seconds: 7_260)])
        #expect(try night.database.read { try $0.auditEntries(limit: 1) }.map(\.action) == ["expectation.fail"])
    }

    @Test func `begins with what was tested longest ago`() throws {
        let night = try Night()
        let second = try night.expect("b", "a", at: Self.midnight.adding(seconds: -1))
        var test = Expectation.Test(at: Self.midnight.adding(seconds: -90_000))
        test.passed = 1
        try night.database.write { [test] in try $0.recordTest(test, ofExpectation: second) }
        night.look(hour: 3)
        #expect(night.pings.first.withLock { $0 } == "10.3.2.3")
    }

    /// What the devices answer, and how often they were asked.
    private final class Pings: Sendable {
        let outcome = Mutex(ProbeOutcome.noAnswer)
        let sent = Atomic<Int>(0)
        /// The destination of the first ping.
        let first = Mutex<String?>(nil)
    }

    private final class Night {
        let folder: URL
        let database: Database
        let pings = Pings()
        private var watch: ExpectationWatch?

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            database = try Database(
                folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: midnight)
            let devices = try database.change(by: .system, at: midnight) { transaction in
                try transaction.makeHub(
                    name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                    defaults: Settings(allowedIPs: [IPPrefix("10.3.2.0/24")!]))
                return try ["a", "b"].map { try transaction.add(NewDevice(name: $0, publicKey: PrivateKey.generate().publicKey)) }
            }
            try database.write {
                _ = try $0.addExpectation(
                    from: .device(devices[0].id), to: .device(devices[1].id), isReached: true, by: .system, at: midnight)
            }
            try restart()
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func restart() throws {
            watch = try ExpectationWatch(database: database, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { [pings] echoes in
                pings.sent.add(1, ordering: .relaxed)
                pings.first.withLock { $0 = $0 ?? echoes.first?.destination.description }
                return echoes.map { _ in pings.outcome.withLock { $0 } }
            }
        }

        var rounds: Int { pings.sent.load(ordering: .relaxed) }
        func look(hour: Int64, minute: Int64 = 0) { watch?.look(at: midnight.adding(seconds: hour * 3600 + minute * 60)) }
        func expectations() throws -> [Expectation] { try database.read { try $0.expectations() } }

        func expire(_ name: String, atHour hour: Int64) throws {
            try database.change(by: .system, at: midnight) { transaction in
                var edit = DeviceEdit()
                edit.expiresAt = .some(midnight.adding(seconds: hour * 3600))
                try transaction.edit(try #require(try transaction.device(named: name)).id, edit)
            }
        }

        func expect(_ from: String, _ to: String, at time: UnixTime) throws -> String {
            try database.write { db in
                let ids = try [from, to].map { try #require(try db.device(named: $0)).id }
                return try db.addExpectation(from: .device(ids[0]), to: .device(ids[1]), isReached: true, by: .system, at: time).id
            }
        }

        func tests() throws -> [Expectation.Test?] { try database.read { try $0.expectations().map(\.test) } }
    }
}
