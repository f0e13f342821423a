// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store

/// Changes that were saved: looking at one, taking it back, letting it stay.
enum ChangeHandlers {
    static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let number = Int64(visit.parameters.number("generation"))
        let change = try visit.read { try $0.change(number, firstEntries: ChangePage.maximumEntries + 1) }
        let page = ChangePage(
            change: change, names: { overview.index[$0]?.name }, reversal: try reversal(of: change, overview, visit), now: visit.now)
        return try visit.page(ChangePage.page, page.values, notice: visit.notice)
    }

    static func revert(_ visit: Visit) throws -> Response {
        let number = Int64(visit.parameters.number("generation"))
        let generation = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            try transaction.revert(number)
            return transaction.generation
        }
        visit.site.refreshHosts()
        return visit.done("/changes/\(generation)", .reverted)
    }

    static func confirm(_ visit: Visit) throws -> Response {
        let number = Int64(visit.parameters.number("generation"))
        try visit.site.database.write { try $0.confirm(change: number, by: visit.author, at: visit.now) }
        return visit.done("/changes/\(number)", .kept)
    }

    /// The Store tries it and says what it would write.
    private static func reversal(of change: Change, _ overview: Overview, _ visit: Visit) throws -> ChangePage.Reversal {
        if let reason = try visit.read({ try $0.irreversibleReason(ofChange: change.generation) }) { return .refused(reason) }
        guard change.entryCount <= ChangePage.maximumTried else { return .untried }
        do {
            let draft = try visit.site.database.draft(by: visit.author, at: visit.now) { try $0.revert(change.generation) }
            return .effect(Effect(of: draft, on: overview))
        } catch StoreError.irreversible(let reason) {
            return .refused(reason)
        }
    }
}
