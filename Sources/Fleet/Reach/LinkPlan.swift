// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The edits that let devices reach each other, or stop it. Both sides of a link are edited, and no other allowed IPs change.
///
/// A device that follows the default gets a list of its own where the default does not do: what the default holds, and the change.
public struct LinkPlan: Sendable {
    /// What a side lists of the other.
    public struct Extent: Equatable, Sendable {
        /// The networks behind a device too, not its addresses alone.
        public var includesRoutes = false
        /// The first side lists the hub's whole networks instead of each device: for an admin's machine that is to reach all there will be.
        public var firstListsNetworks = false

        public init(includesRoutes: Bool = false, firstListsNetworks: Bool = false) {
            self.includesRoutes = includesRoutes
            self.firstListsNetworks = firstListsNetworks
        }
    }

    private let defaults: Defaults
    private let hub: Hub
    private let extent: Extent
    /// The devices by id, with what was planned so far.
    private var planned: [String: Device] = [:]
    private var order: [String] = []

    public init(defaults: Defaults, hub: Hub, extent: Extent = Extent()) {
        self.defaults = defaults
        self.hub = hub
        self.extent = extent
    }

    /// The devices whose lists change, as they should be written, in the order they were met.
    public var edits: [Device] { order.compactMap { planned[$0] } }

    /// True when the list of a device has grown beyond what one may hold.
    public func isTooLong(_ device: Device) -> Bool { current(device).count > Settings.maximumEntries }

    /// Both list each other from now on.
    public mutating func link(_ a: Device, _ b: Device) {
        guard a.id != b.id else { return }
        let families = Families(of: a, and: b)
        list(extent.firstListsNetworks ? networks(families) : prefixes(of: b, families), in: a)
        list(prefixes(of: a, families), in: b)
    }

    /// `a` lists `b`, whatever `b` does.
    public mutating func list(_ b: Device, in a: Device) { list(prefixes(of: b, Families(of: a, and: b)), in: a) }

    /// Neither lists the other by its address any more. Where both still hold each other by a wider prefix, both lists get the parts of that
    /// prefix that leave the other out; where one does, it keeps its list: nothing passes as soon as one side is missing.
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
        let all = [device.ipv4, device.ipv6].compactMap { $0.map(IPPrefix.init(host:)) } + (extent.includesRoutes ? device.routes : [])
        return all.filter { $0.address.isV4 ? families.v4 : families.v6 }
    }

    private func networks(_ families: Families) -> [IPPrefix] {
        [families.v4 ? hub.ipv4Network : nil, families.v6 ? hub.ipv6Network : nil].compactMap { $0 }
    }

    /// The families that both have an address of: a packet between them fits no other.
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
    /// The fewest prefixes that hold everything of this one but `host`; this one where it does not hold it.
    public func leavingOut(_ host: IPAddress) -> [IPPrefix] {
        guard contains(host) else { return [self] }
        return (length..<host.bitWidth).compactMap { length in
            let half = IPPrefix(host, length: length + 1)
            let whole = IPPrefix(host, length: length)
            guard let half, let whole else { return nil }
            // The half that does not hold the host begins where the whole does, or behind the half that does.
            let other = half.address == whole.address ? half.last.advanced(by: 1) : whole.address
            return other.flatMap { IPPrefix($0, length: length + 1) }
        }
    }
}
