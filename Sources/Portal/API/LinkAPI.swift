// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// /api/v1/links: the same action as on the pages.
enum LinkAPI {
    private static let members: [String: APIInputs.Kind] = [
        "a": .textOrTexts, "b": .textOrTexts, "linked": .flag, "routes": .flag, "networks": .flag, "dry_run": .flag,
    ]

    /// Lets the devices of `a` and of `b` reach each other, or no longer with `linked` false. With `dry_run` only says what it would do.
    static func change(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        var inputs = try APIInputs.read(body, members)
        inputs.set("do", !inputs.has("linked") || inputs.isOn("linked") ? "link" : "unlink")
        let overview = try visit.overview()
        let request = LinkRequest(&inputs, devices: overview.devices)
        let edits = request.edits(&inputs, defaults: overview.defaults, hub: overview.hub)
        try inputs.collect {}
        let effect = Effect(on: overview, devices: edits)
        let generation = try inputs.isOn("dry_run") ? nil : save(edits, visit)
        return .json(.ok, effect.json(generation: generation))
    }

    private static func save(_ edits: [Device], _ visit: Visit) throws -> Int64? {
        try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            for device in edits { try transaction.update(device) }
            return transaction.hasChanges ? transaction.generation : nil
        }
    }
}
