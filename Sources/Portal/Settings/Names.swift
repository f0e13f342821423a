// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Names
import Net
import Store
import Templates
import Words

/// The names that the hub answers for: the domain, the names of devices, and more that the admins chose.
struct NamesPage: SettingsPage {
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer, Self.show)),
        Route(
            .post, path,
            Handler(.admin, fields: [NameSettings.domain, NameSettings.records, "revision", FormMerge.field, "step", Confirmation.field], save)),
    ]
    static let path = "/settings/names"
    static let template = Template<NamesPage>("names")
    /// The most names to list. Each device's page has its own.
    private static let maximumNames = 500

    static var fields: [TemplateField<NamesPage>] {
        [
            .text("revision") { $0.inputs.text("revision") }, .text("base") { $0.inputs.text(FormMerge.field) },
            .optional("conflict") { $0.conflicts.map(Differences.init) }, .optional("effect", \.effect),
            .list("confirm_options") { Confirmation.options($0.inputs) }, .phrase("askers", \.askers),
            .text("servers") { $0.overview.hub.addresses.map(\.description).joined(separator: ", ") },
            .flag("any_names") { $0.overview.names.domain != nil }, .list("names", \.rows), .phrase("more", \.more),
        ] + TemplateField.form(NameSettings.domain, NameSettings.records, of: \.inputs)
    }

    let overview: Overview
    let inputs: Inputs
    let conflicts: [FormMerge.Conflict]?
    let effect: Effect?

    static let merge = FormMerge(parts: [FormMerge.Part(NameSettings.domain, "Domain"), FormMerge.Part(NameSettings.records, "More names")])

    static func saved(_ overview: Overview) -> Inputs {
        Inputs([
            NameSettings.domain: overview.hub.naming.domain?.description ?? "",
            NameSettings.records: Entry.text(overview.hub.naming.records) { overview.index[$0]?.name },
        ])
    }

    static func revisions(_ overview: Overview) -> [(field: String, value: Int64)] { [("revision", overview.hub.revision)] }

    private static func save(_ visit: Visit) throws -> Response {
        try save(visit, visit.inputs) { inputs, transaction in
            let naming = NameSettings.read(&inputs, saved: try transaction.hub().naming, devices: try transaction.devices())
            let revision = inputs.expectedRevision
            try inputs.collect { try transaction.setNames(naming, expecting: revision) }
        }
    }

    private var askers: Phrase {
        let count = overview.devices.count { $0.settings(over: overview.defaults).dns.contains(.hub) }
        return .counting(
            count,
            "\(count) of \(Amount.count(overview.devices.count)) devices asks this hub for names. | \(count) of \(Amount.count(overview.devices.count)) devices ask this hub for names."
        )
    }

    private var rows: [Row] {
        let names = overview.names
        guard names.domain != nil else { return [] }
        return names.entries.prefix(Self.maximumNames).map { entry in
            Row(name: names.name(entry) ?? "", entry: entry, device: entry.device.flatMap { overview.index[$0] })
        }
    }

    private var more: Phrase {
        let hidden = overview.names.domain == nil ? 0 : overview.names.entries.count - Self.maximumNames
        guard hidden > 0 else { return "" }
        return .counting(
            hidden, "\(hidden) more: each device's page shows its name. | \(hidden) more: each device's page shows its name.")
    }

    private struct Row: TemplateModel {
        let name: String
        let entry: NameTable.Entry
        let device: Device?

        static var fields: [TemplateField<Row>] {
            [
                .text("name", \.name), .text("addresses") { $0.entry.addresses.map(\.description).joined(separator: ", ") },
                .text("device") { $0.device?.name ?? "" }, .text("href") { $0.device.map { "/devices/\($0.id)" } ?? "" },
                .phrase("kind") { $0.device != nil ? "" : $0.entry.isRecord ? "address" : "this hub" },
            ]
        }
    }
}

/// The fields of the names, on the page and in the API.
enum NameSettings {
    static let domain = "domain"
    static let records = "records"

    /// What the user typed. A missing field keeps its value; an error goes next to its field.
    static func read(_ inputs: inout Inputs, saved: Naming, devices: [Device]) -> Naming {
        Naming(
            domain: inputs.has(domain) ? inputs.read(domain, or: saved.domain, Entry.domain) : saved.domain,
            records: inputs.has(records)
                ? inputs.read(records, or: saved.records) { Entry.nameRecords($0, among: devices) } : saved.records)
    }
}
