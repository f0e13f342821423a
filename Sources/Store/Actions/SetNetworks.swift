// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ChangeTransaction {
    /// Changes the networks of the hub's devices, at most one per address family. Devices keep their addresses. The hub also keeps its
    /// address if the new network contains it; otherwise it gets the lowest free one. Allowed IPs that contain an old network get the new
    /// one instead, and defaults that list all networks still do. Equal networks change nothing.
    ///
    /// `hostNetworks` are the networks of the host, which a new network must not overlap. Throws `.stale` if the hub is no longer at
    /// `revision` (nil skips this check), and `.invalid` for the fields `network` and `network6`.
    public func setNetworks(_ networks: [IPPrefix], besides hostNetworks: [IPPrefix] = [], expecting revision: Int64? = nil) throws {
        let old = try hub()
        try require(revision, isCurrent: old.revision)
        try require(Self.problems(with: networks, instead: old.networks, hostNetworks).map { FieldError("network", $0) })
        for network in networks where !old.networks.contains(network) {
            // A route that covers a present network was allowed to.
            guard let (name, route) = try routeOverlapping(network, besides: nil), route.contains(network),
                !old.networks.contains(where: { route.contains($0) })
            else { continue }
            throw StoreError.invalid([
                FieldError("network", "\(network) is inside \(route), a route of \(name). Choose another, or remove that route first.")
            ])
        }
        var new = old
        let (ipv4, ipv6) = (networks.first { $0.address.isV4 }, networks.first { !$0.address.isV4 })
        guard (ipv4, ipv6) != (old.ipv4Network, old.ipv6Network) else { return }
        guard !networks.isEmpty else { throw StoreError.invalid([FieldError("network", "Devices need addresses. Give at least one network.")]) }
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

    private static func problems(with networks: [IPPrefix], instead old: [IPPrefix], _ hostNetworks: [IPPrefix]) -> [Phrase] {
        var problems: [Phrase] = []
        for family in AddressFamily.allCases {
            let ofFamily = networks.filter { $0.address.isV4 == (family == .v4) }
            if ofFamily.count > 1 {
                problems.append("\(ofFamily[0]) and \(ofFamily[1]) are of the same family. Give at most one IPv4 and one IPv6 network.")
            }
        }
        for network in networks where !old.contains(network) {
            guard let taken = hostNetworks.first(where: { $0.overlaps(network) }) else { continue }
            let free = Hub.usualNetwork(network.address.isV4 ? .v4 : .v6, besides: hostNetworks)
            problems.append(
                "\(network) overlaps \(taken), a network of this machine: devices there would lose the way to it. Choose another, such as \(free).")
        }
        return problems
    }

    private func hubAddress(in network: IPPrefix?, before: IPAddress?, _ family: AddressFamily) throws -> IPAddress? {
        guard let network else { return nil }
        if let before, AddressPool(network, hub: before).hubProblem == nil { return before }
        return try lowestFreeAddress(in: network, hub: nil, family)
    }
}
