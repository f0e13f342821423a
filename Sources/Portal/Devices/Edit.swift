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
            .list("picked", \.picked), .list("candidates", \.candidates), .texts("names", \.names),
            .flag("both") { $0.inputs.isOn("both") }, .flag("allow_overlap") { $0.inputs.isOn("allow_overlap") },
            .text("link_back") { $0.inputs.text("link_back") }, .list("link_backs", \.linkBacks),
            .optional("effect", \.effect), .list("confirm_options") { Confirmation.options($0.inputs) },
        ]
    }

    private static var typed: [TemplateField<EditPage>] {
        TemplateField.form(
            "name", "description", "tags", "expires_at", "ipv4", "ipv6", "routes", "add", secret: ["preshared_key"], others: shownFields, of: \.inputs
        )
    }

    private static var settings: [TemplateField<EditPage>] {
        SettingName.allCases.map { name in .object(name.rawValue) { $0.setting(name) } }
    }

    private static let shownFields =
        ["name", "description", "tags", "enabled", "expires_at", "ipv4", "ipv6", "routes", "preshared_key", "add"]
        + SettingName.allCases.map(\.rawValue)

    /// The names that the form may send.
    private static let names = Set(
        ["revision", FormMerge.field, "step", "both", "link_back", "allow_overlap", Confirmation.field] + shownFields
            + SettingName.allCases.map(\.source))

    /// The most names to suggest while the user types. A larger hub suggests no names.
    private static let maximumNames = 200
    /// The most buttons that add a device with one click.
    private static let maximumCandidates = 24
    /// The most entries that get their own button. The field has all of them.
    private static let maximumPicked = 64

    /// As saved now.
    let device: Device
    let overview: Overview
    let inputs: Inputs
    /// Nil unless a preview was requested.
    let effect: Effect?

    /// What both the user and somebody else changed in the meantime; nil unless the form was refused for that.
    private let conflicts: [FormMerge.Conflict]?
    /// The devices in the list, those that one click adds, and those that will list this device.
    private let picked: [Picked]
    private let candidates: [Button]
    private let linkBacks: [Button]
    /// Names to suggest while the user types.
    private let names: [String]

    init(device: Device, overview: Overview, inputs: Inputs, conflicts: [FormMerge.Conflict]? = nil, effect: Effect? = nil) {
        self.device = device
        self.overview = overview
        self.inputs = inputs
        self.effect = effect
        self.conflicts = conflicts
        let others = overview.devices.filter { $0.id != device.id }
        let entries = inputs.text("allowed_ips_source") == "custom" ? Entry.list(inputs.text("allowed_ips")) : []
        let owners = Self.owners(of: entries, among: others)
        let listed = Set(owners.values.map(\.id))
        let isFew = others.count <= Self.maximumNames
        picked = Self.grouped(entries, owners).prefix(Self.maximumPicked).map(Picked.init)
        candidates = isFew ? others.filter { !listed.contains($0.id) }.prefix(Self.maximumCandidates).map { Button($0, step: "pick") } : []
        linkBacks = Picking(device: device, devices: overview.devices).linkedBack(inputs).map { Button($0, step: "leave") }
        names = isFew ? others.map(\.name) : []
    }

    private func setting(_ name: SettingName) -> SettingField {
        let key = name.rawValue
        let defaults = overview.defaults.settings
        return SettingField(
            name: key, isOwn: inputs.text(name.source) == "custom", value: inputs.exact(key), inherited: name.shown(in: defaults),
            error: inputs.message(key), theirs: conflicts?.first { $0.label == name.label }?.theirs ?? "")
    }

    private var conflict: Differences? { conflicts.map(Differences.init) }

    /// The devices whose addresses are among the entries.
    private static func owners(of entries: [String], among devices: [Device]) -> [IPPrefix: Device] {
        let wanted = Set(entries.compactMap { IPPrefix($0) }.filter(\.isHost))
        guard !wanted.isEmpty else { return [:] }
        var owners: [IPPrefix: Device] = [:]
        for device in devices {
            for host in device.addresses.map(IPPrefix.init(host:)) where wanted.contains(host) { owners[host] = device }
        }
        return owners
    }

    /// Groups the addresses of one device at the position of the first one. Every other entry stays alone.
    private static func grouped(_ entries: [String], _ owners: [IPPrefix: Device]) -> [(name: String, entries: [String])] {
        var groups: [(name: String, entries: [String])] = []
        for entry in entries {
            let name = IPPrefix(entry).flatMap { owners[$0]?.name } ?? ""
            if !name.isEmpty, let place = groups.firstIndex(where: { $0.name == name }) {
                groups[place].entries.append(entry)
            } else {
                groups.append((name, [entry]))
            }
        }
        return groups
    }
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

    /// Saves the form, or takes a step that changes the form and saves nothing. First applies a name left in the field beside the list.
    private static func take(_ visit: Visit) throws -> Response { try take(visit, visit.inputs, attempt: 1) }

    /// Merges the form with what somebody else saved since it was opened, and asks only about what both changed.
    private static func take(_ visit: Visit, _ typed: Inputs, attempt: Int) throws -> Response {
        var inputs = typed
        guard var step = Picking.Step(inputs.text("step")) else { throw HTTPError(.badRequest, "This form has no such button.") }
        if step == .save, !inputs.text("add").isEmpty { step = .add }
        do {
            return try step == .save ? save(visit, &inputs, isMerged: attempt > 1) : preview(visit, step, &inputs)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
        } catch StoreError.stale where attempt <= maximumMerges {
            var merged = Inputs(typed: inputs)
            let device = try visit.storedDevice()
            let conflicts = DeviceForm.merge.merge(&merged, with: Inputs(DeviceForm.typed(device)))
            merged.set("revision", String(device.revision))
            if conflicts.isEmpty { return try take(visit, merged, attempt: attempt + 1) }
            return try draw(visit, merged, status: .conflict, conflicts: conflicts)
        }
    }

    /// How often a form is merged with what others keep saving, before it is refused.
    private static let maximumMerges = 3

    private static func save(_ visit: Visit, _ inputs: inout Inputs, isMerged: Bool) throws -> Response {
        let generation = try visit.change(confirming: inputs) { try edit(visit, &inputs, $0) }
        return visit.done("/devices/\(visit.parameters["id"])", isMerged ? .merged : .saved, change: generation)
    }

    /// The same page with the result of a draft, including its errors.
    private static func preview(_ visit: Visit, _ step: Picking.Step, _ inputs: inout Inputs) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        Picking(device: device, devices: overview.devices).take(step, &inputs)
        guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
        var newKeys: Set<String> = []
        let draft = try visit.draft {
            if try edit(visit, &inputs, $0).presharedKey != .keep { newKeys = [device.id] }
        }
        let effect = Effect(on: overview, devices: draft.devices, presharedKeys: newKeys)
        return try visit.page(template, EditPage(device: device, overview: overview, inputs: inputs, effect: effect))
    }

    @discardableResult
    private static func edit(_ visit: Visit, _ inputs: inout Inputs, _ transaction: ChangeTransaction) throws -> DeviceEdit {
        let id = visit.parameters["id"]
        let expected = inputs.expectedRevision
        let edit = DeviceForm.edit(&inputs, changing: try transaction.device(id).overrides)
        try inputs.collect { try transaction.edit(id, expecting: expected, edit) }
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

    /// Entries of the list, the name of the device that they belong to (empty if there is none), and a button that removes them.
    private struct Picked: TemplateModel {
        let name: String
        let entries: [String]

        static var fields: [TemplateField<Picked>] {
            [
                .text("entry", \.list), .text("name", \.name), .text("step") { "drop:" + $0.entries.joined(separator: " ") },
                .phrase("label") { "Remove \($0.name.isEmpty ? $0.list : "\($0.name), \($0.list)")" },
            ]
        }

        private var list: String { entries.joined(separator: ", ") }
    }

    /// A button for a device.
    private struct Button: TemplateModel {
        let name: String
        let step: String

        init(_ device: Device, step: String) {
            name = device.name
            self.step = "\(step):\(device.id)"
        }

        static var fields: [TemplateField<Button>] { [.text("name", \.name), .text("step", \.step)] }
    }

}
