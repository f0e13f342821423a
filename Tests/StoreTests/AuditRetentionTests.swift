// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Store

struct `The audit log over time` {
    let hub: TemporaryHub
    let day: Int64 = 86_400

    init() throws {
        hub = try TemporaryHub()
        try hub.write { db in
            for number in 1...20 {
                let author = Author(name: number % 2 == 0 ? "ada@example.org" : "token backup")
                let action = number % 5 == 0 ? "login" : "device.update"
                try db.record(action, target: "device/d\(number % 3)", by: author, at: UnixTime(seconds: 1_000 + Int64(number) * day))
            }
        }
    }

    private func numbers(_ change: (inout AuditFilter) -> Void) throws -> [Int64] {
        var filter = AuditFilter()
        change(&filter)
        let first = try #require(try hub.read { try $0.auditEntries(limit: 100) }.first { $0.at.seconds == 1_000 + day }).number - 1
        return try hub.read { try $0.auditEntries(matching: filter, limit: 100) }.filter { $0.at.seconds >= 1_000 + day }.map { $0.number - first }
    }

    @Test func `is filtered by who, what, target and time`() throws {
        #expect(try numbers { $0.author = "ADA" } == [20, 18, 16, 14, 12, 10, 8, 6, 4, 2])
        #expect(try numbers { $0.actions = ["login"] } == [20, 15, 10, 5])
        #expect(try numbers { $0.actions = ["device", "login"] }.count == 20)
        #expect(try numbers { $0.actions = ["dev"] } == [])
        #expect(try numbers { $0.target = "D0" } == [18, 15, 12, 9, 6, 3])
        #expect(
            try numbers {
                $0.target = "nothing"
                $0.targets = ["device/d1"]
            } == [19, 16, 13, 10, 7, 4, 1])
        #expect(
            try numbers {
                $0.from = UnixTime(seconds: 1_000 + 3 * day)
                $0.until = UnixTime(seconds: 1_000 + 5 * day)
            } == [4, 3])
        #expect(
            try numbers {
                $0.author = "ada"
                $0.actions = ["login"]
                $0.target = "%"
            } == [])
    }

    @Test func `loses its oldest entries if that is set, and its chain stays valid`() throws {
        let now = UnixTime(seconds: 1_000 + 21 * day)
        try hub.write { try $0.setAuditDays(6, by: .ada, at: now) }
        #expect(try hub.read { try $0.hasOldAuditEntries(at: now) })
        try hub.write { try $0.removeOldAuditEntries(at: now) }
        let left = try hub.read { try $0.auditEntries(limit: 100) }
        #expect(left.map(\.action).prefix(2) == ["audit.remove_old", "access.update"])
        #expect(left.last?.at.seconds == 1_000 + 15 * day)
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
        #expect(try hub.read { try !$0.hasOldAuditEntries(at: now) })
        let oldest = "DELETE FROM audit_log WHERE number = (SELECT min(number) FROM audit_log)"
        #expect(throws: StoreError.self) { try hub.write { try $0.connection.execute(oldest) } }
        // A second time, from the anchor of the first.
        let later = UnixTime(seconds: 1_000 + 23 * day)
        try hub.write { try $0.removeOldAuditEntries(at: later) }
        #expect(try hub.read { try $0.auditEntries(limit: 100) }.last?.at.seconds == 1_000 + 17 * day)
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
        try hub.write {
            try $0.connection.letAuditLogBeChanged()
            try $0.connection.execute(oldest)
        }
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } != nil)
    }

    @Test func `keeps everything forever by default`() throws {
        try hub.write { try $0.removeOldAuditEntries(at: UnixTime(seconds: 1_000_000_000)) }
        #expect(try hub.read { try !$0.hasOldAuditEntries(at: UnixTime(seconds: 1_000_000_000)) })
        #expect(try hub.read { try $0.auditEntries(limit: 100) }.count > 20)
    }
}
