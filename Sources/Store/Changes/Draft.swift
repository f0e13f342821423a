// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension Database {
    /// Runs `body` like `change`, including all rules, and then rolls back. Nothing is written and no handler is called. Rethrows the
    /// errors of `body`. Broken expectations are part of the draft.
    public func draft(by author: Author, at now: UnixTime, _ body: (ChangeTransaction) throws -> Void) throws -> Draft {
        var draft: Draft?
        do {
            try exclusively { connection in
                try connection.transaction("BEGIN IMMEDIATE") {
                    let newest = try Generation.read(connection).desired
                    let transaction = ChangeTransaction(
                        connection, secrets: secrets, inventoryCache: inventoryCache, generation: newest + 1, author: author, now: now,
                        isDraft: true)
                    defer { transaction.end() }
                    try transaction.expect()
                    try body(transaction)
                    draft = Draft(
                        devices: try transaction.devices(changedAfter: newest), removed: transaction.removed, defaults: try transaction.defaults(),
                        hub: try transaction.hub(), breaches: try transaction.breaches(), rules: try transaction.changedRules(after: newest))
                    throw Undone()
                }
            }
        } catch is Undone {}
        guard let draft else { preconditionFailure("a draft is made before it is undone") }
        return draft
    }

    /// Thrown to roll back the transaction.
    private struct Undone: Error {}
}
