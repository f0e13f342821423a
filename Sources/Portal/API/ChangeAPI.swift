// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// /api/v1/changes: the same actions as on the pages.
enum ChangeAPI {
    static let routes: [Route<Handler>] = [
        Route(.post, "/api/v1/changes/{generation:number}/revert", Handler(.anyToken([.devices, .settings]), revert))
    ]

    /// Undoes one change and returns what the undo did. Needs the scopes of everything that the undo touches.
    private static func revert(_ visit: Visit) throws -> Response {
        let number = Int64(visit.parameters.number("generation"))
        guard let token = visit.token else { throw SignInNeeded(path: nil) }
        if let reason = try visit.read({ try $0.irreversibleReason(ofChange: number) }) { throw StoreError.irreversible(reason) }
        guard try visit.read({ try $0.scopes(ofReverting: number) }).isSubset(of: token.scopes) else {
            visit.noteRefusal(.rights)
            throw token.refusal
        }
        let effect = try visit.effect(ofReverting: number, on: visit.overview())
        return .json(.ok, effect.json(generation: try visit.revert(number)))
    }
}
