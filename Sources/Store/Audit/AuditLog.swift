// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The author of an action and the client's address.
public struct Author: Hashable, Sendable {
    /// An email address, the name of a token, or "system".
    public var name: String
    /// The client's address; nil for the command line and the hub itself.
    public var address: String?

    public init(name: String, address: String? = nil) {
        self.name = name
        self.address = address
    }

    /// The hub itself.
    public static let system = Author(name: "system")
    /// The author of the end of a timed link whose time is over.
    public static let timeLimit = Author(name: "time limit")
    /// The author of the change that disables a device because two machines use its key.
    public static let copiedKey = Author(name: "copied key")
}

/// An entry of the audit log. Never changed after it is written. Removed only because of its age, if admins have enabled that.
public struct AuditEntry: Hashable, Sendable, Identifiable {
    /// Counts from 1 without gaps.
    public let number: Int64
    /// The time of the action.
    public let at: UnixTime
    /// The author of the action.
    public let author: Author
    /// The action, such as "device.update".
    public let action: String
    /// The target of the action: "device/<id>", "admin/<email>", "hub", "defaults".
    public let target: String
    /// The changed fields with their old values, as a JSON object of strings and nulls without secrets. Nil if there are none.
    public let before: String?
    /// The same fields with their new values.
    public let after: String?
    /// The generation of the change of desired state; shared by all entries of that change. Nil for other actions.
    public let generation: Int64?
    /// SHA-256 of the previous entry's hash and this entry's fields.
    public let hash: [UInt8]

    /// The entry's number.
    public var id: Int64 { number }
}

extension ReadTransaction {
    /// Entries of one `target` or of all targets, newest first: at most `limit` entries before entry `number`, or the newest ones if that
    /// is nil.
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

    /// The entries of one change, oldest first: all, or the first `limit`.
    func auditEntries(ofGeneration generation: Int64, limit: Int? = nil) throws -> [AuditEntry] {
        try connection.all(
            "\(AuditEntry.select) WHERE generation = ? ORDER BY number LIMIT ?", [.integer(generation), .integer(limit.map(Int64.init) ?? -1)]
        ) { try $0.auditEntry() }
    }

    func auditEntryCount(ofGeneration generation: Int64) throws -> Int {
        try connection.first("SELECT count(*) FROM audit_log WHERE generation = ?", [.integer(generation)]) { Int(try $0.integer()) } ?? 0
    }

    /// The actions in the entries of one change.
    func auditActions(ofGeneration generation: Int64) throws -> [String] {
        try connection.all("SELECT DISTINCT action FROM audit_log WHERE generation = ? ORDER BY action", [.integer(generation)]) { try $0.text() }
    }

    /// The number of the first entry that was altered or follows a missing one. Nil if the whole chain is valid, from the first entry or
    /// from the oldest one that was kept. Does not detect entries removed at the end; for that, compare `auditHead()` with a copy kept
    /// elsewhere.
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

    /// The number and hash of the newest entry; nil if the log is empty.
    public func auditHead() throws -> (number: Int64, hash: [UInt8])? {
        try connection.first("SELECT number, hash FROM audit_log ORDER BY number DESC LIMIT 1") { try ($0.integer(), $0.blob()) }
    }
}

extension WriteTransaction {
    /// Appends an entry. Use it for sign-ins, downloads and starts. Changes of desired state and accounts write their own entries.
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

/// The computation of entry hashes.
private enum AuditChain {
    /// The hash before the first entry.
    static let start = [UInt8](repeating: 0, count: 32)

    /// SHA-256 of the previous hash and the entry's fields. Each field is preceded by its length, so that different entries have different
    /// input.
    static func hash(_ entry: AuditEntry, after previous: [UInt8]) -> [UInt8] {
        let fields = [
            String(entry.number), String(entry.at.seconds), entry.author.name, entry.author.address, entry.action, entry.target, entry.before,
            entry.after,
        ]
        // Entries from versions without generations do not have this field.
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
