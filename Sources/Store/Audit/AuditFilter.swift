// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Selects entries of the audit log. A nil or empty field matches all entries.
public struct AuditFilter: Hashable, Sendable {
    /// A part of the author's name, ignoring case.
    public var author: String?
    /// The actions to include. Each is a full action or the part before its dot.
    public var actions: [String] = []
    /// A part of the target, ignoring case.
    public var target: String?
    /// Targets to include even if `target` is not a part of them.
    public var targets: [String] = []
    /// The beginning, inclusive.
    public var from: UnixTime?
    /// The end, exclusive: the first second that no longer matches.
    public var until: UnixTime?

    /// Matches all entries.
    public init() {}

    /// A SQL condition and its values.
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
    /// The matching entries, newest first: at most `limit` entries before entry `number`, or the newest ones if that is nil.
    public func auditEntries(matching filter: AuditFilter, before number: Int64? = nil, limit: Int) throws -> [AuditEntry] {
        let (sql, values) = filter.condition
        return try connection.all(
            "\(AuditEntry.select) WHERE number < ?\(sql) ORDER BY number DESC LIMIT ?",
            [.integer(number ?? .max)] + values + [.integer(Int64(limit))]
        ) { try $0.auditEntry() }
    }
}
