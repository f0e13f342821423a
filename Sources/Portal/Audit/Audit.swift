// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The audit log, newest first. Pages are addressed by entry number, so new entries do not shift the page that somebody is reading.
struct AuditPage: TemplateModel {
    static let routes: [Route<Handler>] = [
        Route(.get, "/audit", Handler(.viewer, show)),
        Route(.post, "/audit/retention", Handler(.admin, confirmed: true, fields: ["days"], setRetention)),
    ]
    static let template = Template<AuditPage>("audit")

    static var fields: [TemplateField<AuditPage>] {
        [
            .flag("any_rows") { !$0.entries.isEmpty }, .text("newest") { $0.query.before == nil ? "" : $0.query.link("/audit").text },
            .text("older", \.older), .flag("filtered", \.query.isFiltered), .text("days") { $0.days == 0 ? "" : String($0.days) },
            .object("query", \.query),
            .list("kinds") { page in AuditQuery.Kind.allCases.map { Choice(value: $0.rawValue, label: $0.label, isChosen: $0 == page.query.kind) } },
            .text("csv") { $0.query.link("/audit/export").with("format", "csv").text },
            .text("jsonl") { $0.query.link("/audit/export").with("format", "jsonl").text },
            .list("rows") { page in page.entries.map { Row(entry: $0, page: page) } },
        ]
    }

    private static let rowsPerPage = 100

    private let query: AuditQuery
    private let entries: [AuditEntry]
    /// Returns the name of the device with this id.
    private let names: (String) -> String?
    /// Days to keep entries; 0 keeps them forever.
    private let days: Int
    private let now: UnixTime

    private static func show(_ visit: Visit) throws -> Response {
        let query = AuditQuery(visit.request.query)
        let page = try visit.read { transaction in
            let index = try transaction.deviceIndex()
            return AuditPage(
                query: query,
                entries: try transaction.auditEntries(matching: query.filter(transaction), before: query.before, limit: rowsPerPage),
                names: { index[$0]?.name }, days: try transaction.auditDays(), now: visit.now)
        }
        return try visit.page(template, page, notice: visit.notice)
    }

    private static func setRetention(_ visit: Visit) throws -> Response {
        let text = visit.inputs.text("days")
        guard let days = text.isEmpty ? 0 : Entry.number(text) else {
            throw StoreError.invalid([FieldError("days", "\(text) is not a number of days from 0 to 36500. 0 keeps entries forever.")])
        }
        try visit.write { try $0.setAuditDays(days, by: visit.author, at: visit.now) }
        return visit.done("/audit", .saved)
    }

    private var older: String {
        let last = entries.last?.number ?? 1
        return entries.count == Self.rowsPerPage && last > 1 ? query.link("/audit", before: last).text : ""
    }

    private struct Row: TemplateModel {
        let entry: AuditEntry
        let page: AuditPage

        static var fields: [TemplateField<Row>] {
            [
                .text("iso", \.entry.at.iso), .phrase("at", \.entry.at.phrase), .phrase("ago") { $0.entry.at.relative(to: $0.page.now) },
                .phrase("what") { $0.entry.sentence($0.page.names) }, .phrases("changes", \.entry.changes),
                .phrase("who", \.entry.author.phrase), .text("source") { $0.entry.author.address ?? "" },
                .text("change") { $0.entry.generation.map { "/changes/\($0)" } ?? "" },
            ]
        }
    }
}

/// The values of the filter's fields.
extension AuditQuery: TemplateModel {
    static var fields: [TemplateField<AuditQuery>] {
        [.text("who", \.who), .text("target", \.target), .text("from", \.from), .text("until", \.until)]
    }
}
