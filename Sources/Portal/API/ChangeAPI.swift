// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// /api/v1/changes: the same actions as on the pages.
enum ChangeAPI {
    static let routes: [Route<Handler>] = [
        Route(.post, "/api/v1/changes/{generation:number}/revert", Handler(.token(.settings), revert))
    ]

    /// Undoes one change and returns what the undo did.
    private static func revert(_ visit: Visit) throws -> Response {
        let number = Int64(visit.parameters.number("generation"))
        let effect = try visit.effect(ofReverting: number, on: visit.overview())
        return .json(.ok, effect.json(generation: try visit.revert(number)))
    }
}
