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
    /// nothing was changed then.
    static func write(_ inputs: inout Inputs, _ transaction: ChangeTransaction, hostNetworks: [IPPrefix]) throws {
        guard inputs.has(field) else { return }
        let hub = try transaction.hub()
        let typed = inputs.read(field, or: hub.networks, Entry.prefixes)
        for problem in problems(typed, hub, hostNetworks) { inputs.refuse(field, problem) }
        guard inputs.message(field).isEmpty else { return }
        do {
            try transaction.setNetworks(ipv4: typed.first { $0.address.isV4 }, ipv6: typed.first { !$0.address.isV4 })
        } catch StoreError.invalid(let errors) {
            inputs.refuse(errors.map { FieldError(field, $0.message) })
        }
    }

    private static func problems(_ networks: [IPPrefix], _ hub: Hub, _ hostNetworks: [IPPrefix]) -> [Phrase] {
        var problems: [Phrase] = []
        for family in AddressFamily.allCases {
            let ofFamily = networks.filter { $0.address.isV4 == (family == .v4) }
            if ofFamily.count > 1 {
                problems.append("\(ofFamily[0]) and \(ofFamily[1]) are two of one kind. Give at most one network of IPv4 and one of IPv6.")
            }
        }
        for network in networks where !hub.networks.contains(network) {
            guard let taken = hostNetworks.first(where: { $0.overlaps(network) }) else { continue }
            let free = Hub.usualNetwork(network.address.isV4 ? .v4 : .v6, besides: hostNetworks)
            problems.append(
                "\(network) overlaps \(taken), a network of this machine: devices there would lose the way to it. Choose another, such as \(free).")
        }
        return problems
    }
}
