// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// One change: what it did, and what undoing it would do.
struct ChangePage: TemplateModel {
    static let routes: [Route<Handler>] = [
        Route(.get, "/changes/{generation:number}", Handler(.viewer, waits: true, show)),
        Route(.post, "/changes/{generation:number}/revert", Handler(.admin, revert)),
        Route(.post, "/changes/{generation:number}/confirm", Handler(.admin, confirm)),
    ]
    static let template = Template<ChangePage>("change")

    static var fields: [TemplateField<ChangePage>] {
        [
            .number("number", \.change.generation), .text("iso", \.change.at.iso), .phrase("at", \.change.at.phrase),
            .phrase("ago") { $0.change.at.relative(to: $0.now) }, .phrase("who", \.change.author.phrase),
            .list("entries", \.shown), .phrase("more", \.more), .optional("effect", \.effect), .phrase("refusal", \.refusal),
            .flag("untried", \.isUntried), .flag("final") { !($0.effect?.removed.isEmpty ?? true) },
            .optional("awaited") { page in page.change.awaited.map { Awaited(deadline: $0.deadline, now: page.now) } },
        ]
    }

    /// The most entries to show. A change of many devices shows how many more there are.
    private static let maximumEntries = 50
    /// The most entries of a change whose undo is previewed. A preview costs as much as the undo itself.
    private static let maximumTried = 300

    /// Holds at least its first entries.
    let change: Change
    /// Returns the name of the device with this id.
    let names: (String) -> String?
    let now: UnixTime
    /// What undoing the change would do; nil if it cannot be undone or no preview was made.
    var effect: Effect?
    /// Why the change cannot be undone.
    var refusal: Phrase = ""
    /// True if the change is too large to preview its undo.
    var isUntried = false

    // MARK: Handlers

    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let number = Int64(visit.parameters.number("generation"))
        let change = try visit.read { try $0.change(number, firstEntries: maximumEntries + 1) }
        var page = ChangePage(change: change, names: { overview.index[$0]?.name }, now: visit.now)
        if let reason = try visit.read({ try $0.irreversibleReason(ofChange: number) }) {
            page.refusal = reason
        } else if change.entryCount > maximumTried {
            page.isUntried = true
        } else {
            do { page.effect = try visit.effect(ofReverting: number, on: overview) } catch StoreError.irreversible(let reason) {
                page.refusal = reason
            }
        }
        return try visit.page(template, page, notice: visit.notice)
    }

    /// Deleting devices needs a fresh confirmation, also if that undoes their addition.
    private static func revert(_ visit: Visit) throws -> Response {
        let number = Int64(visit.parameters.number("generation"))
        if !visit.isConfirmed, try visit.read({ try $0.removesDevices(byReverting: number) }) { throw ConfirmationNeeded(path: "/changes/\(number)") }
        return visit.done("/changes/\(try visit.revert(number))", .reverted)
    }

    private static func confirm(_ visit: Visit) throws -> Response {
        let number = Int64(visit.parameters.number("generation"))
        try visit.write { try $0.confirm(change: number, by: visit.author, at: visit.now) }
        return visit.done("/changes/\(number)", .kept)
    }

    // MARK: What it shows

    /// The entries to show. The entry for an undo is left out unless it is the only one.
    private var told: [AuditEntry] { change.entries.filter { $0.action != "change.revert" || change.entryCount == 1 } }
    private var shown: [Entry] { told.prefix(Self.maximumEntries).map { Entry(entry: $0, names: names) } }

    private var more: Phrase {
        let more = change.entryCount - change.entries.count + told.count - Self.maximumEntries
        return more > 0 ? .counting(more, "and \(Amount.count(more)) more device | and \(Amount.count(more)) more devices") : ""
    }

    private struct Entry: TemplateModel {
        let entry: AuditEntry
        let names: (String) -> String?

        static var fields: [TemplateField<Entry>] {
            [.phrase("what") { $0.entry.sentence($0.names) }, .phrases("changes", \.entry.changes)]
        }
    }

    private struct Awaited: TemplateModel {
        let deadline: UnixTime
        let now: UnixTime

        static var fields: [TemplateField<Awaited>] {
            [.phrase("deadline", \.deadline.phrase), .phrase("left") { Amount.age($0.deadline.seconds(since: $0.now)) }]
        }
    }
}

extension Visit {
    /// What undoing one change would do, found by a draft in the Store. Throws as `ChangeTransaction.revert` does.
    func effect(ofReverting number: Int64, on overview: Overview) throws -> Effect {
        try effect(of: try draft { try $0.revert(number) }, on: overview)
    }

    /// Undoes one change. Returns the generation of the undo.
    func revert(_ number: Int64) throws -> Int64 {
        let generation = try change { transaction in
            try transaction.revert(number)
            return transaction.generation
        }
        site.refreshHosts()
        return generation
    }
}
