// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Names
import Net
import Store
import Words

/// The API of the names that the hub answers for.
enum NamesAPI {
    static let routes: [Route<Handler>] = [
        Route(.get, "/api/v1/names", Handler(.token(.read), names)), Route(.patch, "/api/v1/names", Handler(.token(.settings), changeNames)),
    ]

    private static func names(_ visit: Visit) throws -> Response { answer(try visit.overview()) }

    private static func changeNames(_ visit: Visit) throws -> Response {
        var inputs = try APIInputs.read(try visit.request.json(), [NameSettings.domain: .optionalText, NameSettings.records: .lines])
        let conditions = visit.request.fields.all("If-Match")
        do {
            _ = try visit.change { transaction in
                let hub = try transaction.hub()
                let naming = NameSettings.read(&inputs, saved: hub.naming, devices: try transaction.devices())
                let expected = EntityTag.expected(conditions, current: hub.revision)
                return try inputs.collect { try transaction.setNames(naming, expecting: expected) }
            }
        } catch StoreError.stale {
            throw HTTPError(.preconditionFailed, "The names were changed in the meantime. Read them again, then send the change.")
        }
        return answer(try visit.overview())
    }

    private static func answer(_ overview: Overview) -> Response {
        var response = Response.json(
            .ok,
            .object(
                [("revision", .integer(overview.hub.revision))] + overview.names.jsonMembers(overview.hub.naming) { overview.index[$0]?.name }))
        response.fields.set("ETag", DeviceJSON.entityTag(overview.hub.revision))
        return response
    }
}
