// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ChangeTransaction {
    /// Lets the hub's devices live in other networks, one of each family at most. All keep the addresses they have; so does the hub where its
    /// network still holds it, else it takes the lowest free one. Whoever lists one of the old networks as allowed IPs lists the new one, and
    /// defaults that list all of them stay so. Throws `.invalid` for `network` and `network6`. Equal networks change nothing.
    public func setNetworks(ipv4: IPPrefix?, ipv6: IPPrefix?) throws {
        let old = try hub()
        var new = old
        guard (ipv4, ipv6) != (old.ipv4Network, old.ipv6Network) else { return }
        guard ipv4 != nil || ipv6 != nil else {
            throw StoreError.invalid([FieldError("network", "Devices need addresses. Give at least one network.")])
        }
        (new.ipv4Network, new.ipv6Network) = (ipv4, ipv6)
        new.ipv4 = try hubAddress(in: ipv4, before: old.ipv4, .v4)
        new.ipv6 = try hubAddress(in: ipv6, before: old.ipv6, .v6)
        try update(new)

        var successors: [IPPrefix: IPPrefix?] = [:]
        if let network = old.ipv4Network { successors.updateValue(ipv4, forKey: network) }
        if let network = old.ipv6Network { successors.updateValue(ipv6, forKey: network) }
        var defaults = try defaults()
        let listed = defaults.settings.allowedIPs
        defaults.settings.allowedIPs = Set(listed) == Set(old.networks) ? new.networks : listed.compactMap { successors[$0] ?? $0 }
        try update(defaults)
        for var device in try devices() {
            guard case .own(let listed) = device.overrides.allowedIPs, listed.contains(where: { successors[$0] != nil }) else { continue }
            device.overrides.allowedIPs = .own(listed.compactMap { successors[$0] ?? $0 })
            try update(device)
        }
    }

    private func hubAddress(in network: IPPrefix?, before: IPAddress?, _ family: AddressFamily) throws -> IPAddress? {
        guard let network else { return nil }
        if let before, AddressPool(network, hub: before).hubProblem == nil { return before }
        return try lowestFreeAddress(in: network, hub: nil, family)
    }
}
