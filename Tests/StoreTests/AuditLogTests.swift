// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Store

struct `The audit log` {
    let hub: TemporaryHub

    init() throws {
        hub = try TemporaryHub()
        for number in 1...5 {
            try hub.write {
                try $0.record("login.good", target: "admin/a\(number)", before: [:], after: ["n": "\(number)", "d": nil], by: .ada, at: 300)
            }
        }
    }

    @Test func `is read newest first, in pages, for one target or all`() throws {
        let newest = try hub.read { try $0.auditEntries(limit: 2) }
        #expect(newest.map(\.target) == ["admin/a5", "admin/a4"])
        #expect(try hub.read { try $0.auditEntries(before: newest[1].number, limit: 2) }.map(\.target) == ["admin/a3", "admin/a2"])
        #expect(try hub.read { try $0.auditEntries(target: "admin/a1", limit: 9) }.map(\.after) == [#"{"n":"1","d":null}"#])
    }

    @Test func `is valid while nobody alters it`() throws {
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test(arguments: [
        "UPDATE audit_log SET author = 'eve' WHERE number = 4", "UPDATE audit_log SET at = at + 1 WHERE number = 4",
        "UPDATE audit_log SET address = NULL WHERE number = 4", "UPDATE audit_log SET action = 'x' WHERE number = 4",
        "UPDATE audit_log SET target = 'x' WHERE number = 4", "UPDATE audit_log SET after = NULL WHERE number = 4",
        "UPDATE audit_log SET before = '' WHERE number = 4", "DELETE FROM audit_log WHERE number = 4",
        "UPDATE audit_log SET hash = zeroblob(32) WHERE number = 4",
        "UPDATE audit_log SET generation = 1 WHERE number = 4",
        "UPDATE audit_log SET author = author || '1', address = '92.0.2.7' WHERE number = 4",
    ])
    func `shows where it was altered`(sql: String) throws {
        // The database refuses it; then the test removes the triggers.
        #expect(throws: StoreError.self) { try hub.write { try $0.connection.execute(sql) } }
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
        try hub.write {
            try $0.connection.letAuditLogBeChanged()
            try $0.connection.execute(sql)
        }
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == 4)
    }

    @Test func `shows a missing end by comparison with a copy of its head`() throws {
        let head = try #require(try hub.read { try $0.auditHead() })
        try hub.write {
            try $0.connection.letAuditLogBeChanged()
            try $0.connection.execute("DELETE FROM audit_log WHERE number = ?", [.integer(head.number)])
        }
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
        #expect(try hub.read { try $0.auditHead()?.number } == head.number - 1)
    }

    @Test(arguments: [
        "INSERT OR REPLACE INTO audit_log SELECT number, at, 'eve', address, action, target, before, after, generation, hash FROM audit_log",
        "INSERT INTO audit_log SELECT number + 100, at, 'eve', address, action, target, before, after, generation, hash FROM audit_log",
        "INSERT INTO audit_log SELECT 0, at, 'eve', address, action, target, before, after, generation, hash FROM audit_log LIMIT 1",
        "DELETE FROM audit_log", "DELETE FROM audit_anchor", "INSERT OR REPLACE INTO audit_anchor VALUES (1, 4, zeroblob(32))",
        "INSERT INTO audit_anchor SELECT 1, number, hash FROM audit_log WHERE number = (SELECT max(number) FROM audit_log)",
        "INSERT OR REPLACE INTO audit_anchor SELECT 1, number, hash FROM audit_log WHERE number = 3",
        "UPDATE audit_anchor SET number = 1, hash = (SELECT hash FROM audit_log WHERE number = 3)",
        "UPDATE audit_anchor SET number = 4",
    ])
    func `can only grow at its end and be removed from its beginning`(sql: String) throws {
        try hub.write {
            try $0.connection.execute("INSERT INTO audit_anchor SELECT 1, number, hash FROM audit_log WHERE number = 2")
            try $0.connection.execute("DELETE FROM audit_log WHERE number <= 2")
        }
        #expect(throws: StoreError.self) { try hub.write { try $0.connection.execute(sql) } }
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
        try hub.write { try $0.record("login.good", target: "admin/a6", by: .ada, at: 400) }
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `escapes characters that would break a line or a terminal`() {
        let details: AuditDetails = ["a": "x\r\n\u{1B}[31m\"\\\u{2028}\u{85}é"]
        #expect(details.json == #"{"a":"x\u000d\u000a\u001b[31m\"\\\u2028\u0085é"}"#)
        #expect(AuditDetails().json == nil)
    }
}
