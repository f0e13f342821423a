// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The defaults, which devices follow each of them, and which have their own value.
struct DefaultsPage: SettingsPage {
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer, Self.show)), Route(.post, path, Handler(.admin, fields: names, save)),
    ]
    static let path = "/settings/defaults"
    static let template = Template<DefaultsPage>("defaults")

    static var fields: [TemplateField<DefaultsPage>] {
        [
            .text("revision") { $0.inputs.text("revision") }, .text(hubRevision) { $0.inputs.text(hubRevision) },
            .text("base") { $0.inputs.text(FormMerge.field) }, .phrase("problem", \.problem),
            .optional("endpoint_notice") { EndpointNotice($0.overview) }, .optional("conflict", \.conflict), .list("presets", \.presets),
            .text("suggestions") { $0.overview.status.hostAddresses.map(\.description).joined(separator: ", ") },
            .object(portalURL) { $0.inputs.field(portalURL) }, .optional("effect", \.effect),
            .list("confirm_options") { Confirmation.options($0.inputs) },
        ] + SettingName.allCases.map { name in .object(name.rawValue) { Field(name, of: $0) } }
    }

    private static let names = Set(
        ["revision", hubRevision, FormMerge.field, "step", portalURL, Preset.field, Confirmation.field]
            + SettingName.allCases.flatMap { [$0.rawValue, "clear_\($0.rawValue)"] })

    /// The URL where people reach the portal. It belongs to the hub, but users edit it next to the endpoint that devices connect to.
    private static let portalURL = "portal_url"
    private static let hubRevision = "hub_revision"

    let overview: Overview
    let inputs: Inputs
    let conflicts: [FormMerge.Conflict]?
    let effect: Effect?

    // MARK: Handlers

    static let merge = FormMerge(
        parts: SettingName.allCases.map { name in
            FormMerge.Part(
                name.label, name == .allowedIPs ? [name.rawValue, Preset.field] : [name.rawValue],
                shown: { Phrase(verbatim: $0.text(name.rawValue)) }
            ) { Entry.list($0.text(name.rawValue)).joined(separator: ",") }
        } + [FormMerge.Part(portalURL, "Address of this portal")])

    static func saved(_ overview: Overview) -> Inputs {
        var inputs = Inputs(SettingsForm.typed(overview.defaults.settings))
        inputs.set(portalURL, overview.hub.portalURL ?? "")
        inputs.set(Preset.field, Preset.matching(overview.defaults.settings.allowedIPs, hub: overview.hub).rawValue)
        return inputs
    }

    static func revisions(_ overview: Overview) -> [(field: String, value: Int64)] {
        [("revision", overview.defaults.revision), (hubRevision, overview.hub.revision)]
    }

    private static func save(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        var inputs = visit.inputs
        Preset.apply(&inputs, saved: overview.defaults.settings.allowedIPs, hub: overview.hub)
        return try save(visit, inputs, write: write)
    }

    private static func write(_ inputs: inout Inputs, _ transaction: ChangeTransaction) throws {
        var edit = DefaultsEdit(try transaction.defaults(), try transaction.hub())
        edit.settings = SettingsForm.settings(&inputs, changing: edit.settings)
        if inputs.has(portalURL) { edit.portalURL = inputs.read(portalURL, or: edit.portalURL, Entry.portalURL) }
        edit.cleared = SettingName.allCases.filter { [inputs] in inputs.isOn("clear_\($0.rawValue)") }
        let (revision, hubRevision) = (inputs.expectedRevision, inputs.expectedRevision(in: hubRevision))
        try inputs.collect { try transaction.editDefaults(edit, expecting: revision, hub: hubRevision) }
    }

    // MARK: What it shows

    private var problem: Phrase { inputs.problem(besides: SettingName.allCases.map(\.rawValue) + [Self.portalURL]) }

    private var conflict: Differences? { conflicts.map(Differences.init) }

    private var presets: [Choice] {
        let chosen = inputs.text(Preset.field)
        return Preset.allCases.map { Choice(value: $0.rawValue, label: $0.label, isChosen: chosen.isEmpty ? $0 == .own : chosen == $0.rawValue) }
    }

    /// One setting, and the devices that have their own value.
    private struct Field: TemplateModel {
        /// The most devices named for each field.
        private static let maximumNamed = 25

        let name: SettingName
        let inputs: Inputs
        let defaults: Defaults
        let overriders: [Device]
        let followerCount: Int

        init(_ name: SettingName, of page: DefaultsPage) {
            (self.name, inputs, defaults) = (name, page.inputs, page.overview.defaults)
            overriders = page.overview.devices.filter { !name.isInherited(in: $0.overrides) }
            followerCount = page.overview.devices.count - overriders.count
        }

        static var fields: [TemplateField<Field>] {
            [
                .text("key", \.name.rawValue), .text("value") { $0.inputs.exact($0.name.rawValue) },
                .phrase("error") { $0.inputs.message($0.name.rawValue) },
                .phrase("use") { "Followed by \(Amount.count($0.followerCount)) · overridden by \(Amount.count($0.overriders.count))" },
                .flag("any_overriders") { !$0.overriders.isEmpty },
                .list("overriders") { field in
                    field.overriders.prefix(maximumNamed).map { Overrider(device: $0, name: field.name, defaults: field.defaults) }
                },
                .phrase("more", \.more), .flag("clear") { $0.inputs.isOn("clear_\($0.name.rawValue)") }, .phrase("clear_label", \.clearLabel),
            ]
        }

        private var more: Phrase {
            let more = overriders.count - Self.maximumNamed
            return more > 0 ? .counting(more, "and \(more) more | and \(more) more") : ""
        }

        private var clearLabel: Phrase {
            let count = overriders.count
            return count == 0
                ? "" : .counting(count, "Let this \(count) device follow the default too | Let these \(count) devices follow the default too")
        }
    }

    private struct Overrider: TemplateModel {
        let device: Device
        let name: SettingName
        let defaults: Defaults

        static var fields: [TemplateField<Overrider>] {
            [
                .text("name", \.device.name), .text("href") { "/settings/\($0.device.id)/edit#\($0.name.rawValue)" },
                .phrase("value") { $0.name.shown(in: $0.device.settings(over: $0.defaults)) },
            ]
        }
    }
}

extension Entry {
    /// The address of the portal; nil for an empty field.
    fileprivate static func portalURL(_ text: String) -> Reading<String?> {
        if text.isEmpty { return .success(nil) }
        guard let url = PortalURL(text) else {
            return .failure(
                Refusal(message: "\(text) is not an address for a portal. Write it as https://hub.example.org or https://example.org/vpn."))
        }
        return .success(url.description)
    }
}
