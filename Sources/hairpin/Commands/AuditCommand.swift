// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Crypto
import Fleet
import HTTP
import Linux
import Net
import Store
import Words

/// `hairpin audit …`: shows and verifies the audit log.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "List the audit log, or check that nothing in it was changed.", subcommands: [List.self, Verify.self])

    /// `hairpin audit list`: lists entries, newest first.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List entries, the newest first.")
        @OptionGroup var data: DataOptions
        @Option(help: "Part of the name of who did it.")
        var who: String?
        @Option(help: "Action, such as device.update, or its first word, such as device.")
        var what: String?
        @Option(help: "Part of the target, such as device/ and an id, or an email address.")
        var target: String?
        @Option(help: "The most entries to list.")
        var limit = 100
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            guard limit > 0 else { throw Failure.usage("--limit: “\(limit)” is not valid. Give 1 or more.") }
            var filter = AuditFilter()
            filter.author = who
            filter.actions = what.map { [$0] } ?? []
            filter.target = target
            let entries = try explaining { try data.open().read { try $0.auditEntries(matching: filter, limit: limit) } }
            Listing.print(entries.map(row), json: json)
        }

        private func row(_ entry: AuditEntry) -> Listing.Row {
            let details = { (text: String?) -> JSON in text.flatMap { try? JSON(parsing: Array($0.utf8)) } ?? .null }
            return [
                ("number", .integer(entry.number)), ("at", .string(entry.at.iso)), ("author", .string(entry.author.name)),
                ("address", entry.author.address.map { .string($0) } ?? .null), ("action", .string(entry.action)), ("target", .string(entry.target)),
                ("before", details(entry.before)), ("after", details(entry.after)),
            ]
        }
    }

    /// `hairpin audit verify`: verifies the chain of hashes.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the chain of hashes.",
            discussion: """
                Ends with 1 when an entry was changed or taken out, or when the database has a trigger, view or table that is not part of a hub. Entries cut off at the end do not show in the chain: keep the number and the
                hash that this prints somewhere else, and compare them with `hairpin audit list` later.
                """)
        @OptionGroup var data: DataOptions
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let (broken, head) = try explaining { try data.open().read { (try $0.firstBrokenAuditEntry(), try $0.auditHead()) } }
            if let broken {
                throw Failure.failed("Entry \(broken) of the audit log was changed, or one before it is missing. Compare it with a backup.")
            }
            let hash = head.map { Hex.encode($0.hash) } ?? ""
            Listing.print([[("number", .integer(head?.number ?? 0)), ("hash", .string(hash))]], json: json)
        }
    }
}
