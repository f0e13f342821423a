// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The networks that devices live in, as one field: one of IPv4, one of IPv6, or both.
enum AddressRange {
    static let field = "network"

    static func text(_ hub: Hub) -> String { hub.networks.map(\.description).joined(separator: ", ") }

    /// The networks of this machine, for a hint.
    static func text(hostNetworks: [IPPrefix]) -> String { hostNetworks.filter { !$0.isHost }.map(\.description).joined(separator: ", ") }

    /// Gives the hub the networks that were typed; a form without the field leaves them as they are. What is wrong stands beside the field, and
    /// nothing was changed then. Throws `.stale` where the hub is no longer at `revision`.
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
