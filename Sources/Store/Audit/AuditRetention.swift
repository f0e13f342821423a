// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ReadTransaction {
    /// Days for which audit entries are kept; 0 means forever.
    public func auditDays() throws -> Int {
        try connection.first("SELECT audit_days FROM access_rules") { Int(clamping: try $0.integer()) } ?? 0
    }

    /// The last removed entry, from which the chain continues. Nil if none was removed.
    func auditAnchor() throws -> (number: Int64, hash: [UInt8])? {
        try connection.first("SELECT number, hash FROM audit_anchor") { try ($0.integer(), $0.blob()) }
    }

    /// True if `removeOldAuditEntries` would remove any.
    public func hasOldAuditEntries(at now: UnixTime) throws -> Bool {
        let days = try auditDays()
        guard days > 0 else { return false }
        return try connection.first("SELECT at FROM audit_log ORDER BY number LIMIT 1") { try $0.time() < now.adding(seconds: -Int64(days) * 86_400) }
            ?? false
    }
}

extension WriteTransaction {
    /// Sets the retention time. Throws `.invalid` unless `days` is between 0 and 36,500.
    public func setAuditDays(_ days: Int, by author: Author, at now: UnixTime) throws {
        guard (0...36_500).contains(days) else {
            throw StoreError.invalid([FieldError("days", "\(days) is not a number of days from 0 to 36500. 0 keeps entries forever.")])
        }
        let was = try auditDays()
        guard was != days else { return }
        try connection.execute("UPDATE access_rules SET audit_days = ?", [.integer(Int64(days))])
        try record("access.update", target: "access", before: ["audit_days": "\(was)"], after: ["audit_days": "\(days)"], by: author, at: now)
    }

    /// Removes the oldest entries, up to the first one that is recent enough, and records that in the log. Always keeps the newest entry.
    public func removeOldAuditEntries(at now: UnixTime) throws {
        let days = try auditDays()
        guard days > 0, let head = try auditHead() else { return }
        let limit = now.adding(seconds: -Int64(days) * 86_400)
        let young = try connection.first("SELECT min(number) FROM audit_log WHERE at >= ?", [.time(limit)]) { try $0.optional { try $0.integer() } }
        let last = ((young ?? nil) ?? head.number) - 1
        let hash = try connection.first("SELECT hash FROM audit_log WHERE number = ?", [.integer(last)]) { try $0.blob() }
        guard let hash else { return }
        // The anchor is written first, because the database refuses to delete entries that it does not cover.
        let anchor: [SQLValue] = [.integer(last), .blob(hash)]
        if try connection.execute("UPDATE audit_anchor SET number = ?, hash = ?", anchor) == 0 {
            try connection.execute("INSERT INTO audit_anchor (one, number, hash) VALUES (1, ?, ?)", anchor)
        }
        let count = try connection.execute("DELETE FROM audit_log WHERE number <= ?", [.integer(last)])
        try record("audit.remove_old", target: "audit", after: ["entries": "\(count)", "last": "\(last)"], by: .system, at: now)
    }
}
