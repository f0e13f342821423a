// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// The audit log.
enum AuditHandlers {
    static func show(_ visit: Visit) throws -> Response {
        let query = AuditQuery(visit.request.query)
        let page = try visit.read { transaction in
            let index = try transaction.deviceIndex()
            return AuditPage(
                query: query,
                entries: try transaction.auditEntries(matching: query.filter(transaction), before: query.before, limit: AuditPage.rowsPerPage),
                names: { index[$0]?.name }, days: try transaction.auditDays(), now: visit.now)
        }
        return try visit.page(AuditPage.page, page.values, notice: visit.notice)
    }

    static func export(_ visit: Visit) throws -> Response {
        guard let format = AuditExport.Format(rawValue: visit.request.query["format"] ?? "") else {
            throw HTTPError(.badRequest, "The audit log is exported as csv or jsonl.")
        }
        let pass = try visit.site.exportGate.enter(visit.author.name)
        let query = AuditQuery(visit.request.query)
        let filter = try visit.read { try query.filter($0) }
        let lines = AuditExport.Lines(visit.site.database, filter, before: query.before, format)
        return AuditExport.file(try .export(pass) { try lines.next() }, format)
    }

    static func setRetention(_ visit: Visit) throws -> Response {
        let text = visit.inputs.text("days")
        guard let days = text.isEmpty ? 0 : Entry.number(text) else {
            throw StoreError.invalid([FieldError("days", "\(text) is not a number of days from 0 to 36500. 0 keeps entries for ever.")])
        }
        try visit.site.database.write { try $0.setAuditDays(days, by: visit.author, at: visit.now) }
        return visit.done("/audit", .saved)
    }
}
