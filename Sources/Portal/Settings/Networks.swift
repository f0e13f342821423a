// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The address range, and the devices in it.
struct NetworksPage: SettingsPage {
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer, Self.show)),
        Route(.post, path, Handler(.admin, fields: [AddressRange.field, "revision", FormMerge.field, "step", Confirmation.field], save)),
    ]
    static let path = "/settings/networks"
    static let template = Template<NetworksPage>("networks")

    static var fields: [TemplateField<NetworksPage>] {
        [
            .text("revision") { $0.inputs.text("revision") }, .text("base") { $0.inputs.text(FormMerge.field) },
            .text("theirs") { $0.conflicts == nil ? "" : AddressRange.text($0.overview.hub) },
            .text("hub_addresses") { $0.overview.hub.addresses.map(\.description).joined(separator: ", ") },
            .phrase("used") { page in
                let count = page.overview.devices.count
                return .counting(count, "\(count) device has an address there. | \(count) devices have addresses there.")
            },
            .text("host_networks") { AddressRange.text(hostNetworks: $0.overview.status.hostNetworks) },
            .optional("effect", \.effect), .list("confirm_options") { Confirmation.options($0.inputs) },
        ] + TemplateField.form(AddressRange.field, of: \.inputs)
    }

    let overview: Overview
    let inputs: Inputs
    let conflicts: [FormMerge.Conflict]?
    let effect: Effect?

    static let merge = FormMerge(parts: [FormMerge.Part(AddressRange.field, "Address range", isList: true)])

    static func saved(_ overview: Overview) -> Inputs { Inputs([AddressRange.field: AddressRange.text(overview.hub)]) }

    static func revisions(_ overview: Overview) -> [(field: String, value: Int64)] { [("revision", overview.hub.revision)] }

    private static func save(_ visit: Visit) throws -> Response {
        try save(visit, visit.inputs) { inputs, transaction in
            let hostNetworks = visit.site.status().hostNetworks
            try AddressRange.write(&inputs, transaction, hostNetworks: hostNetworks, expecting: inputs.expectedRevision)
            try inputs.collect {}
        }
    }
}

/// The networks that devices get addresses from, as one field: one for IPv4, one for IPv6, or both.
enum AddressRange {
    static let field = "network"

    static func text(_ hub: Hub) -> String { hub.networks.map(\.description).joined(separator: ", ") }

    /// This machine's networks, for a hint.
    static func text(hostNetworks: [IPPrefix]) -> String { hostNetworks.filter { !$0.isHost }.map(\.description).joined(separator: ", ") }

    /// Sets the hub's networks to what the user typed. If the form lacks the field, they stay as they are. On an error, nothing changes and the
    /// message goes next to the field. Throws `.stale` if the hub is no longer at `revision`.
    static func write(
        _ inputs: inout Inputs, _ transaction: ChangeTransaction, hostNetworks: [IPPrefix], expecting revision: Int64? = nil
    ) throws {
        let saved = try transaction.hub().networks
        let typed = inputs.has(field) ? inputs.read(field, or: saved, Entry.prefixes) : saved
        do {
            try transaction.setNetworks(typed, besides: hostNetworks, expecting: revision)
        } catch StoreError.invalid(let errors) {
            inputs.refuse(errors.map { FieldError(field, $0.message) })
        }
    }
}
