// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The address range, and who lives in it.
struct NetworksPage {
    static let page = Page(
        "networks",
        TemplateShape.form(AddressRange.field).merging("revision problem conflict{theirs} hub_addresses used host_networks").merging(Effect.shape)
            .merging(Confirmation.shape))

    static let names: Set<String> = [AddressRange.field, "revision", "step", Confirmation.field]

    let overview: Overview
    let inputs: Inputs
    var isStale = false
    /// Nil while nobody asked.
    var effect: Effect?

    var values: [String: TemplateValue] {
        let hub = overview.hub
        let count = overview.devices.count
        return [
            AddressRange.field: inputs.field(AddressRange.field), "revision": .number(hub.revision),
            "problem": inputs.problem(besides: [AddressRange.field]),
            "conflict": isStale ? ["theirs": .text(AddressRange.text(hub))] : false,
            "hub_addresses": .text([hub.ipv4, hub.ipv6].compactMap { $0?.description }.joined(separator: ", ")),
            "used": .phrase(.counting(count, "\(count) device lives there. | \(count) devices live there.")),
            "host_networks": .text(AddressRange.text(hostNetworks: overview.status.hostNetworks)),
            "effect": .optional(effect?.value), "confirm_options": Confirmation.options(inputs),
        ]
    }
}
