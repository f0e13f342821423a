// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// Pages that only show.
enum OverviewHandlers {
    static func reachability(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let page = ReachabilityPage(overview: try visit.overview(), from: query["from"], to: query["to"], query: { query[$0] })
        return try visit.page(ReachabilityPage.page, page.values)
    }

    static func map(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let page = MapPage(try visit.overview(), scope: MapScope { query[$0] }, number: query["page"].flatMap(Entry.number) ?? 1)
        return try visit.page(MapPage.page, page.values)
    }

    static func status(_ visit: Visit) throws -> Response {
        try visit.page(
            StatusPage.page, StatusPage(overview: visit.overview(), startedAt: visit.site.startedAt, trouble: visit.site.database.trouble).values)
    }
}
