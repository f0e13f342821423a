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
        Route(.post, "/links", Handler(.admin, fields: ["a", "b", "do", "routes", "networks", "step", "next", Confirmation.field], change)),
    ]

    static var fields: [TemplateField<LinksPage>] {
        [
            .flag("linking") { !$0.isUnlink }, .flag("unlinking", \.isUnlink),
            .flag("routes") { $0.inputs.isOn("routes") }, .flag("networks") { $0.inputs.isOn("networks") },
            .flag("empty") { $0.overview.devices.count < 2 }, .text("next") { $0.inputs.exact("next") },
            .optional("effect", \.effect), .list("confirm_options") { Confirmation.options($0.inputs) },
        ] + TemplateField.form("a", "b", of: \.inputs)
    }

    let overview: Overview
    let inputs: Inputs
    /// What the action would do; nil while the form is incomplete or invalid.
    let effect: Effect?

    private var isUnlink: Bool { inputs.text("do") == "unlink" }

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
            guard inputs.text("next").isEmpty else {
                return .redirect(to: PageAddress.reporting(.saved, change: generation, on: SignInPage.localPath(inputs.exact("next"))))
            }
            return visit.done(generation.map { "/changes/\($0)" } ?? "/reachability", .saved)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, previews: true, status: .unprocessableContent)
        }
    }

    /// The form. With `previews`, it says what the action would do.
    static func draw(_ visit: Visit, _ inputs: Inputs, previews: Bool, status: Status = .ok) throws -> Response {
        var inputs = Inputs(typed: inputs)
        // The fields have one line each.
        for side in ["a", "b"] { inputs.set(side, inputs.text(side).split(whereSeparator: \.isNewline).joined(separator: ", ")) }
        let overview = try visit.overview()
        if !inputs.has(Confirmation.field) { Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client) }
        var effect: Effect?
        if previews {
            do { effect = try visit.effect(of: try visit.draft { try LinkForm.link(&inputs, $0) }, on: overview) } catch is Inputs.Refused {}
        }
        let failed = previews && effect == nil
        return try visit.page(
            template, LinksPage(overview: overview, inputs: inputs, effect: effect), status: failed ? .unprocessableContent : status)
    }
}

/// The request to link or unlink devices, from the form or from the API.
enum LinkForm {
    /// Makes the change. Adds errors to `inputs` and throws `Inputs.Refused` if there are any. Returns the devices whose lists changed.
    @discardableResult
    static func link(_ inputs: inout Inputs, _ transaction: ChangeTransaction) throws -> [Device] {
        let change = change(&inputs, devices: try transaction.devices())
        guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
        return try inputs.collect { try transaction.link(change) }
    }

    private static func change(_ inputs: inout Inputs, devices: [Device]) -> LinkChange {
        let sides = Sides(devices)
        let change = LinkChange(
            first: inputs.read("a", or: [], sides.read), second: inputs.read("b", or: [], sides.read), isUnlink: inputs.text("do") == "unlink",
            extent: LinkPlan.Extent(includesRoutes: inputs.isOn("routes"), firstListsNetworks: inputs.isOn("networks")))
        for (field, side) in [("a", change.first), ("b", change.second)] where side.isEmpty && inputs.message(field).isEmpty {
            inputs.refuse(field, "Name at least one device.")
        }
        return change
    }
}
