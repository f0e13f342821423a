// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// /api/v1/links: the same action as on the pages.
enum LinkAPI {
    static let routes: [Route<Handler>] = [Route(.post, "/api/v1/links", Handler(.token(.devices), change))]

    private static let members: [String: APIInputs.Kind] = [
        "a": .textOrTexts, "b": .textOrTexts, "linked": .flag, "routes": .flag, "networks": .flag, "dry_run": .flag,
    ]

    /// Links the devices in `a` with those in `b`, or unlinks them if `linked` is false. With `dry_run` it changes nothing and returns the effect.
    private static func change(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        var inputs = try APIInputs.read(body, members)
        inputs.set("do", !inputs.has("linked") || inputs.isOn("linked") ? "link" : "unlink")
        let overview = try visit.overview()
        guard !inputs.isOn("dry_run") else {
            let draft = try visit.draft { try LinkForm.link(&inputs, $0) }
            return .json(.ok, Effect(of: draft, on: overview).json(generation: nil))
        }
        let (devices, generation) = try visit.change { transaction in
            (try LinkForm.link(&inputs, transaction), transaction.hasChanges ? transaction.generation : nil)
        }
        return .json(.ok, Effect(on: overview, devices: devices).json(generation: generation))
    }
}
