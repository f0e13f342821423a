// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Store

/// Changes that were saved: looking at one, taking it back, letting it stay.
enum ChangeHandlers {
    static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let change = try visit.site.database.read { try $0.change(Int64(visit.parameters.number("generation"))) }
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

    /// What taking it back would do: the Store tries it and says what it would write.
    private static func reversal(of change: Change, _ overview: Overview, _ visit: Visit) throws -> Result<Effect, ChangePage.Refusal> {
        do {
            let draft = try visit.site.database.draft(by: visit.author, at: visit.now) { try $0.revert(change.generation) }
            return .success(Effect(of: draft, on: overview))
        } catch StoreError.irreversible(let reason) {
            return .failure(ChangePage.Refusal(reason: reason))
        }
    }
}
