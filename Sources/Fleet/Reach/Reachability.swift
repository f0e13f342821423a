// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Who reaches whom, by the same decision as the packet loop's: a `ForwardingTable` filled with the desired state.
public struct Reachability: Sendable {
    /// How two devices stand to each other.
    public enum Relation: String, Sendable {
        /// Packets pass, both ways.
        case both
        /// Only the first lists the second: nothing passes.
        case out
        /// Only the second lists the first: nothing passes.
        case `in`
        /// Neither lists the other.
        case none
    }

    /// All devices, as they would be after an edit.
    public private(set) var devices: [Device]
    private var defaults: Defaults
    private let now: UnixTime
    private var members: [String: ForwardingTable.Member] = [:]
    private var table = ForwardingTable()
    private var unused = ForwardingTable.hub + 1

    /// `devices` are all there are; those that are disabled or expired own their addresses and reach nothing, as in the engine.
    public init(devices: [Device], defaults: Defaults, hub: Hub, now: UnixTime) {
        self.devices = devices
        self.defaults = defaults
        self.now = now
        table.setOwned([hub.ipv4, hub.ipv6].compactMap { $0.map(IPPrefix.init(host:)) }, by: ForwardingTable.hub)
        for device in devices { put(device) }
    }

    private mutating func put(_ device: Device) {
        let member = members[device.id] ?? unused
        if members.updateValue(member, forKey: device.id) == nil { unused += 1 }
        table.setOwned(device.ownedPrefixes, by: member)
        table.setAllowed(list(of: device), for: member)
        table.setEnabled(device.isActive(at: now), for: member)
    }

    /// The member that stands for a device; nil while that is disabled or expired.
    private func active(_ device: Device) -> ForwardingTable.Member? {
        members[device.id].flatMap { table.isEnabled($0) ? $0 : nil }
    }

    /// The same hub after an edit: `edited` devices stand in the places of those with their ids, and `defaults` hold.
    public func changing(_ edited: [Device], defaults new: Defaults) -> Reachability {
        var copy = self
        let edits = Dictionary(edited.map { ($0.id, $0) }) { $1 }
        let followsAnew = new.settings.allowedIPs != defaults.settings.allowedIPs
        copy.defaults = new
        for (place, old) in devices.enumerated() {
            guard let device = edits[old.id] ?? (followsAnew && old.overrides.allowedIPs.isInherited ? old : nil) else { continue }
            copy.devices[place] = device
            copy.put(device)
        }
        return copy
    }

    /// The allowed IPs by which the hub decides; nil for a device that is disabled or expired, for which they decide nothing.
    public func allowed(_ device: Device) -> [IPPrefix]? { active(device) == nil ? nil : list(of: device) }

    private func list(of device: Device) -> [IPPrefix] { device.overrides.allowedIPs.resolved(over: defaults.settings.allowedIPs) }

    /// A device as the table knows it.
    public struct Seat: Sendable {
        fileprivate let member: ForwardingTable.Member?
        fileprivate let ipv4: IPAddress?
        fileprivate let ipv6: IPAddress?

        /// Those that it has an address of: 1 for IPv4, 2 for IPv6, 3 for both.
        public var families: Int { (ipv4 == nil ? 0 : 1) + (ipv6 == nil ? 0 : 2) }
    }

    /// For questions about many pairs: each device is looked up once.
    public var seats: [Seat] { devices.map { Seat(member: active($0), ipv4: $0.ipv4, ipv6: $0.ipv6) } }

    /// Those families of one device in which the list of another holds its address.
    public func listedFamilies(of seat: Seat, byListOf lister: Seat) -> Int {
        guard seat.member != nil, let member = lister.member else { return 0 }
        let v4 = seat.ipv4.map { table.allows(member, $0) } ?? false
        let v6 = seat.ipv6.map { table.allows(member, $0) } ?? false
        return (v4 ? 1 : 0) + (v6 ? 2 : 0)
    }

    /// How two devices stand to each other, in one sentence with names of at most `limit` characters.
    public func reason(_ a: Device, _ b: Device, namesTo limit: Int = .max) -> Phrase {
        let (first, second) = (a.name.shortenedInside(to: limit), b.name.shortenedInside(to: limit))
        switch relation(a, b) {
        case .both: return "\(first) and \(second) reach each other"
        case .out: return "one-sided: \(second) does not list \(first)"
        case .in: return "one-sided: \(first) does not list \(second)"
        case .none:
            for (device, name) in [(a, first), (b, second)] where active(device) == nil {
                return "\(name) is disabled or expired: nothing passes"
            }
            if pairs(a, b).isEmpty { return "\(first) and \(second) have no address family in common" }
            return "\(first) and \(second) do not list each other"
        }
    }

    /// True when the hub forwards a packet from `sender` to `receiver`, in IPv4 or in IPv6.
    public func reaches(_ sender: Device, _ receiver: Device) -> Bool {
        guard let from = members[sender.id], let to = members[receiver.id] else { return false }
        return pairs(sender, receiver).contains { table.decide(from: from, source: $0, destination: $1) == .forward(to) }
    }

    /// How two devices stand to each other.
    public func relation(_ a: Device, _ b: Device) -> Relation {
        if reaches(a, b) { return .both }
        guard active(a) != nil, active(b) != nil else { return .none }
        if lists(a, b) { return .out }
        return lists(b, a) ? .in : .none
    }

    /// True when the allowed IPs of `a` hold an address of `b` in a family that both have.
    public func lists(_ a: Device, _ b: Device) -> Bool {
        guard let member = active(a) else { return false }
        return pairs(a, b).contains { table.allows(member, $1) }
    }

    /// The owner of an address by longest prefix; nil for nobody and for the hub.
    public func owner(of address: IPAddress) -> Device? {
        guard let member = table.owner(of: address), let id = members.first(where: { $0.value == member })?.key else { return nil }
        return devices.first { $0.id == id }
    }

    /// The addresses a packet between the two has, source and destination, for each family that both have.
    public func pairs(_ a: Device, _ b: Device) -> [(source: IPAddress, destination: IPAddress)] {
        var result: [(source: IPAddress, destination: IPAddress)] = []
        if let source = a.ipv4, let destination = b.ipv4 { result.append((source, destination)) }
        if let source = a.ipv6, let destination = b.ipv6 { result.append((source, destination)) }
        return result
    }
}
