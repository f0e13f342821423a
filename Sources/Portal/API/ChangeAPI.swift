// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// /api/v1/links and /api/v1/changes: the same actions as on the pages.
enum ChangeAPI {
    static let routes: [Route<Handler>] = [
        Route(.get, "/api/v1/links", Handler(.token(.read), timedLinks)),
        Route(.post, "/api/v1/links", Handler(.token(.devices), link)),
        Route(.post, "/api/v1/changes/{generation:number}/revert", Handler(.anyToken([.devices, .settings]), revert)),
    ]

    private static let members: [String: APIInputs.Kind] = [
        "a": .textOrTexts, "b": .textOrTexts, "linked": .flag, "routes": .flag, "networks": .flag, "dry_run": .flag,
        "duration": .number, "until": .optionalMoment, "reason": .text,
    ]

    /// The running timed links, earliest end first.
    private static func timedLinks(_ visit: Visit) throws -> Response {
        let links = try visit.read { try $0.timedLinks() }.map { link -> JSON in
            [
                "id": .string(link.id), "a": .string(link.first), "b": .string(link.second), "granted_by": .string(link.grantedBy),
                "asked_by": link.askedBy.map { .string($0) } ?? .null, "reason": .string(link.reason), "granted_at": .string(link.grantedAt.iso),
                "ends_at": .string(link.endsAt.iso),
            ]
        }
        return .json(.ok, ["timed_links": .array(links)])
    }

    /// Links the devices in `a` with those in `b`, or unlinks them if `linked` is false. With `duration` or `until` the links end by themselves. With `dry_run` it changes nothing and returns the effect.
    private static func link(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        var inputs = try APIInputs.read(body, members)
        inputs.set("do", !inputs.has("linked") || inputs.isOn("linked") ? "link" : "unlink")
        if inputs.text("do") == "unlink", !inputs.text("duration").isEmpty || !inputs.text("until").isEmpty {
            throw Inputs.Refused(errors: [FieldError("duration", "Only links can end by themselves. To unlink, leave out the end.")])
        }
        let overview = try visit.overview()
        guard !inputs.isOn("dry_run") else {
            let draft = try visit.draft { try LinkForm.link(&inputs, $0, now: visit.now) }
            return .json(.ok, try visit.effect(of: draft, on: overview).json(generation: nil))
        }
        let (devices, generation) = try visit.change { transaction in
            (try LinkForm.link(&inputs, transaction, now: visit.now), transaction.hasChanges ? transaction.generation : nil)
        }
        return .json(.ok, try visit.noting(Effect(on: overview, devices: devices)).json(generation: generation))
    }

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
