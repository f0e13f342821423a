// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Plans the edits that link or unlink devices. Edits both sides of a link and changes no other allowed IPs.
///
/// If the default list is not sufficient for a device that follows it, the device gets its own list: the default entries with the change.
public struct LinkPlan: Sendable {
    /// How much of the other device a side lists.
    public struct Extent: Equatable, Sendable {
        /// True to list the networks behind a device as well as its addresses.
        public var includesRoutes = false
        /// True if the first side lists the hub's whole networks instead of each device. Meant for an admin's machine that is to reach all
        /// devices, including future ones.
        public var firstListsNetworks = false

        public init(includesRoutes: Bool = false, firstListsNetworks: Bool = false) {
            self.includesRoutes = includesRoutes
            self.firstListsNetworks = firstListsNetworks
        }
    }

    private let defaults: Defaults
    private let hub: Hub
    private let extent: Extent
    /// The devices by id, with the changes planned so far.
    private var planned: [String: Device] = [:]
    private var order: [String] = []

    public init(defaults: Defaults, hub: Hub, extent: Extent = Extent()) {
        self.defaults = defaults
        self.hub = hub
        self.extent = extent
    }

    /// The devices whose lists change, with their new values, in the order in which they were added to the plan.
    public var edits: [Device] { order.compactMap { planned[$0] } }

    /// True if the list of a device exceeds the maximum number of entries.
    public func isTooLong(_ device: Device) -> Bool { current(device).count > Settings.maximumEntries }

    /// Makes both devices list each other.
    public mutating func link(_ a: Device, _ b: Device) {
        guard a.id != b.id else { return }
        let families = Families(of: a, and: b)
        list(extent.firstListsNetworks ? networks(families) : prefixes(of: b, families), in: a)
        list(prefixes(of: a, families), in: b)
    }

    /// Makes `a` list `b`. Does not change `b`.
    public mutating func list(_ b: Device, in a: Device) { list(prefixes(of: b, Families(of: a, and: b)), in: a) }

    /// Removes each device's addresses from the list of the other. If a wider prefix on both sides still includes the other device, it is
    /// split on both sides to exclude that device. If only one side has such a prefix, it stays: one missing side is enough to block the
    /// link.
    public mutating func unlink(_ a: Device, _ b: Device) {
        guard a.id != b.id else { return }
        let families = Families(of: a, and: b)
        let (goneFromA, goneFromB) = (Set(prefixes(of: b, families)), Set(prefixes(of: a, families)))
        replaceList(of: a) { $0.filter { !goneFromA.contains($0) } }
        replaceList(of: b) { $0.filter { !goneFromB.contains($0) } }
        for (mine, theirs) in families.pairs(a, b) {
            let (hostA, hostB) = (IPPrefix(host: mine), IPPrefix(host: theirs))
            guard current(a).contains(where: { $0.contains(hostB) }), current(b).contains(where: { $0.contains(hostA) }) else { continue }
            replaceList(of: a) { $0.flatMap { $0.leavingOut(theirs) } }
            replaceList(of: b) { $0.flatMap { $0.leavingOut(mine) } }
        }
    }

    private mutating func list(_ prefixes: [IPPrefix], in device: Device) {
        replaceList(of: device) { list in list + prefixes.filter { prefix in !list.contains { $0.contains(prefix) } } }
    }

    private func current(_ device: Device) -> [IPPrefix] {
        (planned[device.id] ?? device).overrides.allowedIPs.resolved(over: defaults.settings.allowedIPs)
    }

    private mutating func replaceList(of device: Device, _ edit: ([IPPrefix]) -> [IPPrefix]) {
        let old = current(device)
        let new = edit(old)
        guard new != old else { return }
        if planned[device.id] == nil { order.append(device.id) }
        planned[device.id, default: device].overrides.allowedIPs = .own(new)
    }

    private func prefixes(of device: Device, _ families: Families) -> [IPPrefix] {
        let all = device.addresses.map(IPPrefix.init(host:)) + (extent.includesRoutes ? device.routes : [])
        return all.filter { $0.address.isV4 ? families.v4 : families.v6 }
    }

    private func networks(_ families: Families) -> [IPPrefix] {
        [families.v4 ? hub.ipv4Network : nil, families.v6 ? hub.ipv6Network : nil].compactMap { $0 }
    }

    /// The address families in which both devices have an address. A packet between them needs one of these.
    private struct Families {
        let v4: Bool
        let v6: Bool

        init(of a: Device, and b: Device) {
            v4 = a.ipv4 != nil && b.ipv4 != nil
            v6 = a.ipv6 != nil && b.ipv6 != nil
        }

        func pairs(_ a: Device, _ b: Device) -> [(IPAddress, IPAddress)] {
            [(a.ipv4, b.ipv4), (a.ipv6, b.ipv6)].compactMap { mine, theirs in mine.flatMap { mine in theirs.map { (mine, $0) } } }
        }
    }
}

extension IPPrefix {
    /// The fewest prefixes that cover this one except `host`. Returns this prefix if it does not contain `host`.
    public func leavingOut(_ host: IPAddress) -> [IPPrefix] {
        guard contains(host) else { return [self] }
        return (length..<host.bitWidth).compactMap { length in
            let half = IPPrefix(host, length: length + 1)
            let whole = IPPrefix(host, length: length)
            guard let half, let whole else { return nil }
            // The half without the host starts at the beginning of the whole prefix, or after the half with the host.
            let other = half.address == whole.address ? half.last.advanced(by: 1) : whole.address
            return other.flatMap { IPPrefix($0, length: length + 1) }
        }
    }
}
