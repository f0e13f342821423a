// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// Who reaches whom, by the same decision as the packet loop's: a `ForwardingTable` filled with the desired state.
struct Reachability {
    /// How two devices stand to each other.
    enum Relation: String, Sendable {
        /// Packets pass, both ways.
        case both
        /// Only the first lists the second: nothing passes.
        case out
        /// Only the second lists the first: nothing passes.
        case `in`
        /// Neither lists the other.
        case none
    }

    let devices: [Device]
    private let members: [String: ForwardingTable.Member]
    private let table: ForwardingTable

    /// `devices` are all there are; those that are disabled or expired own nothing and reach nothing, as in the engine.
    init(devices: [Device], defaults: Defaults, hub: Hub, now: UnixTime) {
        var table = ForwardingTable()
        var members: [String: ForwardingTable.Member] = [:]
        table.setOwned([hub.ipv4, hub.ipv6].compactMap { $0.map(IPPrefix.init(host:)) }, by: ForwardingTable.hub)
        for device in devices where device.isActive(at: now) {
            let member = ForwardingTable.Member(members.count)
            members[device.id] = member
            table.setOwned(device.ownedPrefixes, by: member)
            table.setAllowed(device.settings(over: defaults).allowedIPs, for: member)
        }
        self.devices = devices
        self.members = members
        self.table = table
    }

    /// True when the hub forwards a packet from `sender` to `receiver`, in IPv4 or in IPv6.
    func reaches(_ sender: Device, _ receiver: Device) -> Bool {
        guard let from = members[sender.id], let to = members[receiver.id] else { return false }
        return pairs(sender, receiver).contains { table.decide(from: from, source: $0, destination: $1) == .forward(to) }
    }

    func relation(_ a: Device, _ b: Device) -> Relation {
        if reaches(a, b) { return .both }
        guard members[a.id] != nil, members[b.id] != nil else { return .none }
        if lists(a, b) { return .out }
        return lists(b, a) ? .in : .none
    }

    /// True when the allowed IPs of `a` hold an address of `b` in a family that both have.
    func lists(_ a: Device, _ b: Device) -> Bool {
        guard let member = members[a.id] else { return false }
        return pairs(a, b).contains { table.allows(member, $1) }
    }

    /// The owner of an address by longest prefix; nil for nobody and for the hub.
    func owner(of address: IPAddress) -> Device? {
        guard let member = table.owner(of: address), let id = members.first(where: { $0.value == member })?.key else { return nil }
        return devices.first { $0.id == id }
    }

    /// The addresses a packet between the two has, source and destination, for each family that both have.
    func pairs(_ a: Device, _ b: Device) -> [(source: IPAddress, destination: IPAddress)] {
        var result: [(source: IPAddress, destination: IPAddress)] = []
        if let source = a.ipv4, let destination = b.ipv4 { result.append((source, destination)) }
        if let source = a.ipv6, let destination = b.ipv6 { result.append((source, destination)) }
        return result
    }
}
