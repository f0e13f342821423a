// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// Links or unlinks two sets of devices. One action edits both sides, with a preview before it is saved.
struct LinksPage: TemplateModel {
    static let template = Template<LinksPage>("links")

    static let routes: [Route<Handler>] = [
        Route(.get, "/links", Handler(.admin, show)),
        Route(.post, "/links", Handler(.admin, fields: ["a", "b", "do", "routes", "networks", "step", Confirmation.field], change)),
    ]

    static var fields: [TemplateField<LinksPage>] {
        [
            .phrase("problem") { $0.inputs.problem(besides: ["a", "b"]) }, .flag("linking") { !$0.isUnlink }, .flag("unlinking", \.isUnlink),
            .flag("routes") { $0.inputs.isOn("routes") }, .flag("networks") { $0.inputs.isOn("networks") }, .texts("names", \.names),
            .texts("tags") { $0.overview.index.tags.prefix(maximumNames).map { "tag:\($0)" } },
            .optional("ready", \.ready), .flag("empty") { $0.overview.devices.count < 2 },
            .optional("effect", \.effect), .list("confirm_options") { Confirmation.options($0.inputs) },
        ] + TemplateField.inputs("a", "b", of: \.inputs)
    }

    /// The most names to suggest while the user types. A larger hub suggests no names.
    private static let maximumNames = 200

    let overview: Overview
    let inputs: Inputs
    /// What the action would do; nil while the form is incomplete or invalid.
    let effect: Effect?

    private var isUnlink: Bool { inputs.text("do") == "unlink" }
    private var ready: Ready? { effect == nil ? nil : Ready(isUnlink: isUnlink) }
    private var names: [String] { overview.devices.count <= Self.maximumNames ? overview.devices.map(\.name) : [] }

    /// The button of a form with valid input.
    private struct Ready: TemplateModel {
        let isUnlink: Bool

        static var fields: [TemplateField<Ready>] { [.phrase("button") { $0.isUnlink ? "Unlink" : "Link" }] }
    }

    /// The URL may fill in the form, as in `/links?a=berlin-nas&b=office-gw`. The page then shows what the action would do.
    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let names = ["a", "b", "do", "routes", "networks"]
        let inputs = Inputs(names.reduce(into: [:]) { $0[$1] = query[$1] })
        let isFilledIn = !inputs.text("a").isEmpty && !inputs.text("b").isEmpty
        return try draw(visit, inputs, previews: isFilledIn)
    }

    private static func change(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        if inputs.text("step") == "preview" { return try draw(visit, inputs, previews: true) }
        do {
            let generation = try visit.change(confirming: inputs) { try LinkForm.link(&inputs, $0) }
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
            do { effect = Effect(of: try visit.draft { try LinkForm.link(&inputs, $0) }, on: overview) } catch is Inputs.Refused {}
        }
        let failed = previews && effect == nil
        return try visit.page(
            template, LinksPage(overview: overview, inputs: inputs, effect: effect), status: failed ? .unprocessableContent : status)
    }
}
