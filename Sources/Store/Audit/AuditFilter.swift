// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Which entries of the audit log are asked for. What is nil or empty asks nothing.
public struct AuditFilter: Hashable, Sendable {
    /// Part of who did it, whatever the case.
    public var author: String?
    /// Kinds of deeds: each the whole of an action or what stands before its dot.
    public var actions: [String] = []
    /// Part of what it was done to, whatever the case.
    public var target: String?
    /// Targets that count although `target` is no part of them.
    public var targets: [String] = []
    /// The first second that counts.
    public var from: UnixTime?
    /// The first second that no longer counts.
    public var until: UnixTime?

    /// Everything.
    public init() {}

    /// A condition of SQL, and its values.
    fileprivate var condition: (sql: String, values: [SQLValue]) {
        var (parts, values): ([String], [SQLValue]) = ([], [])
        if let author {
            parts.append("instr(lower(author), lower(?)) > 0")
            values.append(.text(author))
        }
        if !actions.isEmpty {
            parts.append("(" + actions.map { _ in "action = ? OR substr(action, 1, ?) = ?" }.joined(separator: " OR ") + ")")
            for action in actions { values += [.text(action), .integer(Int64(action.unicodeScalars.count + 1)), .text(action + ".")] }
        }
        if let target {
            let names = targets.prefix(100)
            parts.append("(instr(lower(target), lower(?)) > 0" + names.map { _ in " OR target = ?" }.joined() + ")")
            values += [.text(target)] + names.map { .text($0) }
        }
        if let from {
            parts.append("at >= ?")
            values.append(.time(from))
        }
        if let until {
            parts.append("at < ?")
            values.append(.time(until))
        }
        return (parts.map { " AND \($0)" }.joined(), values)
    }
}

extension ReadTransaction {
    /// Entries from newest to oldest that a filter asks for: at most `limit` of those before entry `number` (nil: from the end).
    public func auditEntries(matching filter: AuditFilter, before number: Int64? = nil, limit: Int) throws -> [AuditEntry] {
        let (sql, values) = filter.condition
        return try connection.all(
            "\(AuditEntry.select) WHERE number < ?\(sql) ORDER BY number DESC LIMIT ?",
            [.integer(number ?? .max)] + values + [.integer(Int64(limit))]
        ) { try $0.auditEntry() }
    }
}
