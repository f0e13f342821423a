// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// Who did something, and from where.
public struct Author: Hashable, Sendable {
    /// An email address, a token's name, or "system".
    public var name: String
    /// The client's address; nil for the command line and the hub itself.
    public var address: String?

    public init(name: String, address: String? = nil) {
        self.name = name
        self.address = address
    }

    /// The hub itself.
    public static let system = Author(name: "system")
}

/// One line of the audit log. Never changed once written, and removed by age alone, where admins ask for it.
public struct AuditEntry: Hashable, Sendable, Identifiable {
    /// Counts from 1 without gaps.
    public let number: Int64
    /// When it was done.
    public let at: UnixTime
    /// Who did it.
    public let author: Author
    /// What was done, such as "device.update".
    public let action: String
    /// What it was done to: "device/<id>", "admin/<email>", "hub", "defaults".
    public let target: String
    /// The changed fields as a JSON object of strings and nulls, without secrets; nil where there is none.
    public let before: String?
    /// The same fields afterwards.
    public let after: String?
    /// The change of desired state that it belongs to; entries of one change share it. Nil for what is no such change.
    public let generation: Int64?
    /// SHA-256 over the hash of the entry before and this entry's fields.
    public let hash: [UInt8]

    /// Its number.
    public var id: Int64 { number }
}

extension ReadTransaction {
    /// Entries from newest to oldest: at most `limit` of those before entry `number` (nil: from the end), of one `target` or of all.
    public func auditEntries(before number: Int64? = nil, target: String? = nil, limit: Int) throws -> [AuditEntry] {
        let end = SQLValue.integer(number ?? .max)
        guard let target else {
            return try connection.all("\(AuditEntry.select) WHERE number < ? ORDER BY number DESC LIMIT ?", [end, .integer(Int64(limit))]) {
                try $0.auditEntry()
            }
        }
        return try connection.all(
            "\(AuditEntry.select) WHERE number < ? AND target = ? ORDER BY number DESC LIMIT ?", [end, .text(target), .integer(Int64(limit))]
        ) { try $0.auditEntry() }
    }

    /// What one change wrote, oldest first: all, or the first `limit` entries.
    func auditEntries(ofGeneration generation: Int64, limit: Int? = nil) throws -> [AuditEntry] {
        try connection.all(
            "\(AuditEntry.select) WHERE generation = ? ORDER BY number LIMIT ?", [.integer(generation), .integer(limit.map(Int64.init) ?? -1)]
        ) { try $0.auditEntry() }
    }

    func auditEntryCount(ofGeneration generation: Int64) throws -> Int {
        try connection.first("SELECT count(*) FROM audit_log WHERE generation = ?", [.integer(generation)]) { Int(try $0.integer()) } ?? 0
    }

    /// What kinds of entries one change wrote.
    func auditActions(ofGeneration generation: Int64) throws -> [String] {
        try connection.all("SELECT DISTINCT action FROM audit_log WHERE generation = ? ORDER BY action", [.integer(generation)]) { try $0.text() }
    }

    /// The number of the first entry that was changed, or before which one is missing; nil when the whole chain holds, from the first entry or
    /// from those that were taken away by age. Entries cut off at
    /// the end do not show: compare `auditHead()` with one kept elsewhere for that.
    public func firstBrokenAuditEntry() throws -> Int64? {
        var broken: Int64?
        let anchor = try auditAnchor()
        var previous = anchor?.hash ?? AuditChain.start
        var expected = (anchor?.number ?? 0) + 1
        try connection.forEach("\(AuditEntry.select) ORDER BY number") {
            let entry = try $0.auditEntry()
            guard entry.number == expected, entry.hash == AuditChain.hash(entry, after: previous) else {
                broken = expected
                return false
            }
            previous = entry.hash
            expected += 1
            return true
        }
        return broken
    }

    /// Number and hash of the newest entry; nil while the log is empty.
    public func auditHead() throws -> (number: Int64, hash: [UInt8])? {
        try connection.first("SELECT number, hash FROM audit_log ORDER BY number DESC LIMIT 1") { try ($0.integer(), $0.blob()) }
    }
}

extension WriteTransaction {
    /// Appends an entry. Changes of desired state and of accounts write theirs themselves; this is for sign-ins, downloads, starts.
    public func record(
        _ action: String, target: String, before: AuditDetails = [:], after: AuditDetails = [:], by author: Author, at now: UnixTime
    ) throws {
        try append(action, target: target, before: before, after: after, generation: nil, by: author, at: now)
    }

    func append(
        _ action: String, target: String, before: AuditDetails, after: AuditDetails, generation: Int64?, by author: Author, at now: UnixTime
    ) throws {
        let head = try auditHead()
        let draft = AuditEntry(
            number: (head?.number ?? 0) + 1, at: now, author: author, action: action, target: target, before: before.json,
            after: after.json, generation: generation, hash: [])
        try connection.execute(
            """
            INSERT INTO audit_log (number, at, author, address, action, target, before, after, generation, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(draft.number), .time(now), .text(author.name), .optional(text: author.address), .text(action), .text(target),
                .optional(text: draft.before), .optional(text: draft.after), .optional(integer: generation),
                .blob(AuditChain.hash(draft, after: head?.hash ?? AuditChain.start)),
            ])
    }
}

/// How an entry's hash comes about.
private enum AuditChain {
    /// Stands before the first entry.
    static let start = [UInt8](repeating: 0, count: 32)

    /// SHA-256 over the previous hash and the entry's fields, each after its length, so that no two entries share one form.
    static func hash(_ entry: AuditEntry, after previous: [UInt8]) -> [UInt8] {
        let fields = [
            String(entry.number), String(entry.at.seconds), entry.author.name, entry.author.address, entry.action, entry.target, entry.before,
            entry.after,
        ]
        // Entries from before there were generations have no such field.
        let generation = entry.generation.map { ["generation \($0)"] } ?? []
        let content = (fields + generation).map { field in field.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined()
        return Digest.sha256(previous + Array(content.utf8))
    }
}

extension AuditEntry {
    static let select =
        "SELECT number, at, author, address, action, target, before, after, generation, hash FROM audit_log"
}

extension Row {
    mutating func auditEntry() throws -> AuditEntry {
        try AuditEntry(
            number: integer(), at: time(), author: Author(name: text(), address: optional { try $0.text() }), action: text(), target: text(),
            before: optional { try $0.text() }, after: optional { try $0.text() }, generation: optional { try $0.integer() }, hash: blob())
    }
}
