// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The form that edits a device.
struct EditPage: TemplateModel {
    static let template = Template<EditPage>("device_edit")

    static let routes: [Route<Handler>] = [
        Route(.get, "/settings/{id}/edit", Handler(.admin, show)),
        Route(.post, "/settings/{id}/edit", Handler(.admin, fields: names, take)),
    ]

    static var fields: [TemplateField<EditPage>] { own + typed + settings }

    private static var own: [TemplateField<EditPage>] {
        [
            .text("id", \.device.id), .text("title_name", \.device.name), .text("revision") { $0.inputs.text("revision") },
            .text("base") { $0.inputs.text(FormMerge.field) },
            .flag("enabled") { $0.inputs.isOn("enabled") },
            .phrase("preshared_now") { $0.device.hasPresharedKey ? "set; stays as it is" : "none" }, .optional("conflict", \.conflict),
            .list("chips", \.chips), .phrase("more_chips", \.moreChips), .list("link_backs") { $0.field.linkedBack.map(LinkBack.init) },
            .flag("both") { $0.inputs.isOn("both") }, .flag("allow_overlap") { $0.inputs.isOn("allow_overlap") },
            .text("inherited") { ListText.text($0.overview.defaults.settings.allowedIPs) }, .list("hints", \.hints),
            .flag("advanced", \.isAdvancedOpen), .list("problems", \.problems), .phrase("summary", \.summary),
            .optional("effect", \.effect), .text("accepted", \.field.traps), .list("confirm_options") { Confirmation.options($0.inputs) },
        ]
    }

    private static var typed: [TemplateField<EditPage>] {
        TemplateField.form(
            "name", "description", "tags", "expires_at", "ipv4", "ipv6", "routes", secret: ["preshared_key"], others: shownFields, of: \.inputs
        )
    }

    private static var settings: [TemplateField<EditPage>] {
        SettingName.allCases.map { name in .object(name.rawValue) { $0.setting(name) } }
    }

    private static let shownFields =
        ["name", "description", "tags", "enabled", "expires_at", "ipv4", "ipv6", "routes", "preshared_key"]
        + SettingName.allCases.map(\.rawValue)

    /// The names that the form may send.
    private static let names = Set(
        ["revision", FormMerge.field, "step", "both", "allow_overlap", Confirmation.field, TrapWarning.field] + shownFields
            + SettingName.allCases.map(\.source))

    /// The fields of the part that is folded while nothing in it is the device's own.
    private static let advanced =
        ["ipv4", "ipv6", "routes", "allow_overlap", "preshared_key"] + SettingName.allCases.filter { $0 != .allowedIPs }.map(\.rawValue)

    /// As saved now.
    let device: Device
    let overview: Overview
    let inputs: Inputs
    /// Nil unless a preview was requested.
    let effect: Effect?

    /// What both the user and somebody else changed in the meantime; nil unless the form was refused for that.
    private let conflicts: [FormMerge.Conflict]?
    private let field: AllowedIPsField
    private let chips: [AllowedIPsField.Chip]

    init(device: Device, overview: Overview, inputs: Inputs, conflicts: [FormMerge.Conflict]? = nil, effect: Effect? = nil) {
        self.device = device
        self.overview = overview
        self.inputs = inputs
        self.effect = effect
        self.conflicts = conflicts
        field = AllowedIPsField(device, overview, inputs)
        chips = field.chips
    }

    private var moreChips: Phrase {
        let count = field.hiddenCount
        return count > 0 ? .counting(count, "and \(count) more entry | and \(count) more entries") : ""
    }

    /// What looks like a mistake in the lists. The effect itself warns about prefixes for the whole Internet.
    private var hints: [HintLine] {
        let routes = ListHints(device, among: [], hub: overview.hub, now: overview.now).routes(Entry.list(inputs.text("routes")))
        return (chips.compactMap(\.hint).filter { $0.message != InternetExit.warning || effect == nil } + routes).map(HintLine.init)
    }

    /// True if something in that part is the device's own, wrong, or changed by somebody else.
    private var isAdvancedOpen: Bool {
        conflicts != nil || !device.routes.isEmpty || device.hasPresharedKey
            || ["routes", "preshared_key"].contains { !inputs.text($0).isEmpty }
            || inputs.errors.contains { Self.advanced.contains($0.field) }
            || SettingName.allCases.contains { $0 != .allowedIPs && (inputs.text($0.source) == "custom" || !inputs.text($0.rawValue).isEmpty) }
            || ["ipv4", "ipv6"].contains { inputs.has($0) && inputs.text($0) != Inputs(DeviceForm.typed(device)).text($0) }
    }

    /// What keeps the form from being saved.
    private var problems: [Problem] { inputs.errors.map { Problem(error: $0, isShown: Self.shownFields.contains($0.field)) } }

    /// The effect in a few words, for the strip at the bottom of a small screen.
    private var summary: Phrase {
        let count = inputs.errors.count
        if count > 0 { return .counting(count, "\(count) field to fix | \(count) fields to fix") }
        return effect?.summary ?? "Nothing changed yet."
    }

    private func setting(_ name: SettingName) -> SettingField {
        let key = name.rawValue
        let defaults = overview.defaults.settings
        return SettingField(
            name: key, isOwn: inputs.text(name.source) == "custom", value: inputs.exact(key), inherited: name.shown(in: defaults),
            error: inputs.message(key), theirs: conflicts?.first { $0.label == name.label }?.theirs ?? "")
    }

    private var conflict: Differences? { conflicts.map(Differences.init) }
}

// MARK: Handlers

extension EditPage {
    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        var inputs = Inputs(DeviceForm.typed(device))
        DeviceForm.start(&inputs, device)
        inputs.set("both", "on")
        Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client)
        return try visit.page(template, EditPage(device: device, overview: overview, inputs: inputs))
    }

    /// Saves the form, or takes a step that changes the form and saves nothing.
    private static func take(_ visit: Visit) throws -> Response { try take(visit, visit.inputs, attempt: 1) }

    /// Merges the form with what somebody else saved since it was opened, and asks only about what both changed.
    private static func take(_ visit: Visit, _ typed: Inputs, attempt: Int) throws -> Response {
        guard let step = EditStep(typed.exact("step")) else { throw HTTPError(.badRequest, "This form has no such button.") }
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        var inputs = typed
        step.change(&inputs, of: device, among: overview.devices)
        let field = AllowedIPsField(device, overview, inputs)
        let isSave = step == .save && !TrapWarning.isUnseen(field.traps, inputs)
        do {
            return try isSave ? save(visit, &inputs, field, isMerged: attempt > 1) : preview(visit, &inputs, field, device, overview)
        } catch is Inputs.Refused {
            // A preview did what it was asked for, and browsers report the status of a refusal to scripts as a fault of the page.
            return try draw(visit, inputs, status: isSave ? .unprocessableContent : .ok)
        } catch StoreError.stale where attempt <= maximumMerges {
            // The next attempt takes the step again.
            var merged = typed
            let device = try visit.storedDevice()
            let conflicts = DeviceForm.merge.merge(&merged, with: Inputs(DeviceForm.typed(device)))
            merged.set("revision", String(device.revision))
            if conflicts.isEmpty { return try take(visit, merged, attempt: attempt + 1) }
            step.change(&merged, of: device, among: overview.devices)
            return try draw(visit, merged, status: .conflict, conflicts: conflicts)
        }
    }

    /// How often a form is merged with what others keep saving, before it is refused.
    private static let maximumMerges = 3

    private static func save(_ visit: Visit, _ inputs: inout Inputs, _ field: AllowedIPsField, isMerged: Bool) throws -> Response {
        let generation = try visit.change(confirming: inputs) { try edit(visit, &inputs, field, $0) }
        let page = PageAddress("/devices/\(visit.parameters["id"])").with("change", generation.map { String($0) })
        return visit.done(RoundedEntries(inputs).map { page.with(RoundedEntries.field, $0.text) } ?? page, isMerged ? .merged : .saved)
    }

    /// The same page with the result of a draft.
    private static func preview(
        _ visit: Visit, _ inputs: inout Inputs, _ field: AllowedIPsField, _ device: Device, _ overview: Overview
    ) throws -> Response {
        var newKeys: Set<String> = []
        let draft = try visit.draft {
            if try edit(visit, &inputs, field, $0).presharedKey != .keep { newKeys = [device.id] }
        }
        let effect = try visit.effect(of: draft, on: overview, presharedKeys: newKeys)
        return try visit.page(template, EditPage(device: device, overview: overview, inputs: inputs, effect: effect))
    }

    /// Writes the edit. `inputs` keeps what the user typed and gets the errors.
    @discardableResult
    private static func edit(
        _ visit: Visit, _ inputs: inout Inputs, _ field: AllowedIPsField, _ transaction: ChangeTransaction
    ) throws -> DeviceEdit {
        let id = visit.parameters["id"]
        let expected = inputs.expectedRevision
        var resolved = field.resolved(inputs)
        defer { inputs.takeErrors(of: resolved) }
        var edit = DeviceForm.edit(&resolved, changing: try transaction.device(id).overrides)
        edit.listedBy = field.linkedBack.map(\.id)
        try resolved.collect { try transaction.edit(id, expecting: expected, edit) }
        return edit
    }

    private static func draw(
        _ visit: Visit, _ inputs: Inputs, status: Status, conflicts: [FormMerge.Conflict]? = nil
    ) throws -> Response {
        let overview = try visit.overview()
        let page = EditPage(device: try visit.device(in: overview), overview: overview, inputs: inputs, conflicts: conflicts)
        return try visit.page(template, page, status: status)
    }
}

// MARK: Parts

extension EditPage {
    /// A setting with the choice between the default and its own value, for the template `_setting`.
    private struct SettingField: TemplateModel {
        let name: String
        let isOwn: Bool
        let value: String
        /// The default.
        let inherited: Phrase
        let error: Phrase
        /// The value that somebody else saved in the meantime; empty if it is the same.
        let theirs: Phrase

        static var fields: [TemplateField<SettingField>] {
            [
                .text("key", \.name), .flag("own", \.isOwn), .text("value", \.value), .phrase("default", \.inherited), .phrase("error", \.error),
                .phrase("theirs", \.theirs),
            ]
        }
    }

    /// A sentence about a doubtful entry.
    struct HintLine: TemplateModel {
        let hint: ListHint

        static var fields: [TemplateField<HintLine>] { [.phrase("hint", \.hint.message)] }
    }

    /// An error, with a link to its field.
    private struct Problem: TemplateModel {
        let error: FieldError
        let isShown: Bool

        static var fields: [TemplateField<Problem>] {
            [.text("anchor") { $0.isShown ? $0.error.field : "" }, .phrase("message", \.error.message)]
        }
    }

    /// A device that will list this one.
    private struct LinkBack: TemplateModel {
        let device: Device

        static var fields: [TemplateField<LinkBack>] { [.text("name", \.device.name)] }
    }
}
