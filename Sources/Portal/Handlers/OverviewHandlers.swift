// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store

/// Pages that only show.
enum OverviewHandlers {
    static func reachability(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let page = ReachabilityPage(overview: try visit.overview(), from: query["from"], to: query["to"], search: query["q"] ?? "")
        return try visit.page(ReachabilityPage.page, page.values)
    }

    static func status(_ visit: Visit) throws -> Response {
        try visit.page(StatusPage.page, StatusPage(overview: visit.overview(), startedAt: visit.site.startedAt).values)
    }

    static func audit(_ visit: Visit) throws -> Response {
        let before = visit.request.query["before"].flatMap(Entry.number).map(Int64.init)
        let (entries, index) = try visit.site.database.read {
            (try $0.auditEntries(before: before, limit: AuditPage.rowsPerPage), try $0.deviceIndex())
        }
        let page = AuditPage(entries: entries, names: { index[$0]?.name }, isOlder: before != nil, now: visit.now)
        return try visit.page(AuditPage.page, page.values)
    }
}
