// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Links or unlinks two sets of devices. One action edits both sides, with a preview before it is saved. A link can end by itself.
struct LinksPage: TemplateModel {
    static let template = Template<LinksPage>("links")

    static let routes: [Route<Handler>] = [
        Route(.get, "/links", Handler(.admin, waits: true, show)),
        Route(
            .post, "/links",
            Handler(.admin, fields: TimedForm.fields.union(["a", "b", "do", "routes", "networks", "step", "next", Confirmation.field]), change)),
    ]

    static var fields: [TemplateField<LinksPage>] {
        [
            .flag("linking") { !$0.isUnlink }, .flag("unlinking", \.isUnlink),
            .flag("routes") { $0.inputs.isOn("routes") }, .flag("networks") { $0.inputs.isOn("networks") },
            .flag("empty") { $0.overview.devices.count < 2 }, .text("next") { $0.inputs.exact("next") },
            .optional("effect", \.effect), .list("confirm_options") { Confirmation.options($0.inputs) },
            .list("durations") { TimedForm.options($0.inputs, withoutEnd: true) }, .phrase("duration_error") { $0.inputs.message("duration") },
            .text("request") { $0.inputs.exact("request") },
            .phrase("asked") { page in page.request.map { "\($0.askedBy) asks: \($0.reason)" } ?? "" },
        ] + TemplateField.form("a", "b", "until", "reason", others: ["duration"], of: \.inputs)
    }

    let overview: Overview
    let inputs: Inputs
    /// The request that this link would grant; nil if nobody asked for it.
    let request: LinkRequest?
    /// What the action would do; nil while the form is incomplete or invalid.
    let effect: LinkEffect?

    private var isUnlink: Bool { inputs.text("do") == "unlink" }

    /// The URL may fill in the form, as in `/links?a=berlin-nas&b=office-gw`, or name a request. The page then shows what the action would do.
    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let names = ["a", "b", "do", "routes", "networks", "duration", "request"]
        var inputs = Inputs(names.reduce(into: [:]) { $0[$1] = query[$1] })
        if let id = query["request"], inputs.text("a").isEmpty {
            let request = try visit.read { try $0.waitingLinkRequest(id, at: visit.now) }
            let devices = try visit.overview().index
            inputs.set("a", devices[request.first]?.name ?? "")
            inputs.set("b", devices[request.second]?.name ?? "")
            inputs.set("duration", String(request.seconds))
        }
        let isFilledIn = !inputs.text("a").isEmpty && !inputs.text("b").isEmpty
        return try draw(visit, inputs, previews: isFilledIn)
    }

    private static func change(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        if inputs.text("step") == "preview" { return try draw(visit, inputs, previews: true) }
        do {
            let generation = try visit.change(confirming: inputs) { try LinkForm.link(&inputs, $0, now: visit.now) }
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
        var effect: LinkEffect?
        if previews {
            do { effect = try LinkEffect(of: &inputs, visit, overview) } catch is Inputs.Refused {}
        }
        let failed = previews && effect == nil
        let id = inputs.text("request")
        let request = try id.isEmpty ? nil : visit.read { try $0.linkRequests(at: visit.now) }.first { $0.id == id && $0.state == .waiting }
        return try visit.page(
            template, LinksPage(overview: overview, inputs: inputs, request: request, effect: effect),
            status: failed ? .unprocessableContent : status)
    }
}

/// What linking or unlinking would do, also to timed links. For the template `_effect`, which calls it `effect`.
struct LinkEffect: TemplateModel {
    static var fields: [TemplateField<LinkEffect>] { [.list("lines") { effect in effect.lines.map(Effect.SectionLine.init) }] }

    private let effect: Effect
    private let notes: [Phrase]

    /// Tries the form and keeps nothing. Throws `Inputs.Refused` if it is invalid.
    init(of inputs: inout Inputs, _ visit: Visit, _ overview: Overview) throws {
        var (notes, isUnlink): ([Phrase], Bool) = ([], inputs.text("do") == "unlink")
        let draft = try visit.draft { transaction in
            let before = try transaction.timedLinks()
            try LinkForm.link(&inputs, transaction, now: visit.now)
            let after = Set(try transaction.timedLinks().map(\.id))
            notes = before.filter { !after.contains($0.id) }.prefix(Self.maximumNotes).map {
                isUnlink ? "The timed link \($0.name) ends with it." : "The timed link \($0.name) no longer ends by itself."
            }
            if let grant = TimedForm.grant(&inputs, now: visit.now) {
                notes.append("It ends by itself on \(grant.endsAt.minute) UTC. The hub then removes what this adds, and nothing else.")
            }
        }
        effect = try visit.effect(of: draft, on: overview)
        self.notes = notes
    }

    private static let maximumNotes = 8

    private var lines: [(kind: Effect.Kind, text: Phrase)] {
        let lines = effect.lines
        // One line says that nothing changes.
        return (lines.count == 1 && !notes.isEmpty ? [] : lines) + notes.map { (.change, $0) }
    }
}

/// The request to link or unlink devices, from the form or from the API.
enum LinkForm {
    /// Makes the change. Adds errors to `inputs` and throws `Inputs.Refused` if there are any. Returns the devices whose lists changed.
    @discardableResult
    static func link(_ inputs: inout Inputs, _ transaction: ChangeTransaction, now: UnixTime) throws -> [Device] {
        let change = change(&inputs, devices: try transaction.devices())
        let grant = TimedForm.grant(&inputs, now: now)
        guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
        return try inputs.collect {
            if let grant { try transaction.link(change, for: grant) } else { try transaction.link(change) }
        }
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
