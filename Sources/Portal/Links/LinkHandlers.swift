// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// Links between devices as one action on both sides.
enum LinkHandlers {
    /// The address may fill in the form: `/links?a=berlin-nas&b=office-gw`, and then shows what it would do.
    static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let names = ["a", "b", "do", "routes", "networks"]
        let inputs = Inputs(names.reduce(into: [:]) { $0[$1] = query[$1] })
        let isFilledIn = !inputs.text("a").isEmpty && !inputs.text("b").isEmpty
        return try draw(visit, inputs, previews: isFilledIn)
    }

    static func change(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        if inputs.text("step") == "preview" { return try draw(visit, inputs, previews: true) }
        do {
            let generation = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                let request = LinkRequest(&inputs, devices: try transaction.devices())
                let edits = request.edits(&inputs, defaults: try transaction.defaults(), hub: try transaction.hub())
                try inputs.collect {}
                for device in edits { try transaction.update(device) }
                if let deadline = Confirmation.deadline(inputs, now: visit.now) { try transaction.awaitConfirmation(until: deadline) }
                return transaction.hasChanges ? transaction.generation : nil
            }
            return visit.done(generation.map { "/changes/\($0)" } ?? "/reachability", .saved)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, previews: true, status: .unprocessableContent)
        }
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, previews: Bool, status: Status = .ok) throws -> Response {
        var inputs = Inputs(typed: inputs)
        let overview = try visit.overview()
        if !inputs.has(Confirmation.field) { Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client) }
        var effect: Effect?
        if previews {
            let request = LinkRequest(&inputs, devices: overview.devices)
            let edits = request.edits(&inputs, defaults: overview.defaults, hub: overview.hub)
            if inputs.errors.isEmpty { effect = Effect(on: overview, devices: edits) }
        }
        let failed = previews && effect == nil
        return try visit.page(
            LinksPage.page, LinksPage(overview: overview, inputs: inputs, effect: effect).values, status: failed ? .unprocessableContent : status)
    }
}
