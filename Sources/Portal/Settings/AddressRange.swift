// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

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
