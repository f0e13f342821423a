// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Which devices reach each other. Uses the same decision as the packet loop: a `ForwardingTable` filled with the desired state.
public struct Reachability: Sendable {
    /// The relation between two devices.
    public enum Relation: String, Sendable {
        /// Packets pass in both directions.
        case both
        /// Only the first device lists the second. No packets pass.
        case out
        /// Only the second device lists the first. No packets pass.
        case `in`
        /// Neither device lists the other. A prefix that stands for the whole Internet lists nobody.
        case none
    }

    /// All devices. After `changing`, with their new values.
    public private(set) var devices: [Device]
    private var defaults: Defaults
    private let now: UnixTime
    /// The places of the devices in `devices`, by id.
    private let places: [String: Int]
    private var table = ForwardingTable()
    /// The lists of members that list the whole Internet, without those prefixes.
    private var lists: [ForwardingTable.Member: [IPPrefix]] = [:]
    private var rules: RuleList
    /// Nil if the rules refuse nothing.
    private(set) var compiled: CompiledRules?

    /// `devices` must be all devices, and `gateway` the hub's way to its host, if it has one. As in the engine, disabled and expired devices own their addresses but reach nothing.
    public init(devices: [Device], defaults: Defaults, hub: Hub, rules: RuleList = .none, gateway: Gateway? = nil, now: UnixTime) {
        self.devices = devices
        self.rules = rules
        compiled = CompiledRules(rules, devices: devices, member: Self.member)
        self.defaults = defaults
        self.now = now
        places = Dictionary(uniqueKeysWithValues: devices.indices.map { (devices[$0].id, $0) })
        table.setOwned(hub.addresses.map(IPPrefix.init(host:)), by: ForwardingTable.hub)
        table.setWays(gateway?.ways(hub.networks) ?? [:])
        for (place, device) in devices.enumerated() {
            let member = Self.member(at: place)
            table.setOwned(device.ownedPrefixes, by: member)
            allow(list(of: device), for: member)
            enable(device, as: member)
        }
    }

    private mutating func allow(_ list: [IPPrefix], for member: ForwardingTable.Member) {
        table.setAllowed(list, for: member)
        lists[member] = list.contains(where: \.isInternetWide) ? list.filter { !$0.isInternetWide } : nil
    }

    private mutating func enable(_ device: Device, as member: ForwardingTable.Member) {
        table.setEnabled(device.isActive(at: now), for: member)
    }

    /// The table member of the device at this place.
    private static func member(at place: Int) -> ForwardingTable.Member { ForwardingTable.hub + 1 + ForwardingTable.Member(place) }

    /// The same; nil if the device is disabled or expired.
    private func active(at place: Int) -> ForwardingTable.Member? {
        let member = Self.member(at: place)
        return table.isEnabled(member) ? member : nil
    }

    private func active(_ device: Device) -> ForwardingTable.Member? { places[device.id].flatMap { active(at: $0) } }

    /// The result of an edit: `edited` devices replace the ones with the same ids, and `new` replaces the defaults.
    public func changing(_ edited: [Device], defaults new: Defaults) -> Reachability {
        var copy = self
        copy.defaults = new
        if new.settings.allowedIPs != defaults.settings.allowedIPs {
            for place in devices.indices where devices[place].overrides.allowedIPs.isInherited {
                copy.allow(new.settings.allowedIPs, for: Self.member(at: place))
            }
        }
        var areTagsChanged = false
        for device in edited {
            guard let place = places[device.id] else { continue }
            areTagsChanged = areTagsChanged || devices[place].tags != device.tags
            copy.put(device, at: place)
        }
        return areTagsChanged && compiled != nil ? copy.changing(rules: rules) : copy
    }

    /// What passes under other rules.
    public func changing(rules new: RuleList) -> Reachability {
        var copy = self
        copy.rules = new
        copy.compiled = CompiledRules(new, devices: copy.devices, member: Self.member)
        return copy
    }

    /// Replaces the device at this place. Changes in the table only what differs, because each change copies a part of it.
    private mutating func put(_ device: Device, at place: Int) {
        let (old, member) = (devices[place], Self.member(at: place))
        devices[place] = device
        if device.ownedPrefixes != old.ownedPrefixes { table.setOwned(device.ownedPrefixes, by: member) }
        if device.overrides.allowedIPs != old.overrides.allowedIPs { allow(list(of: device), for: member) }
        enable(device, as: member)
    }

    /// The allowed IPs of a device for the hub's decision; nil if the device is disabled or expired.
    public func allowed(_ device: Device) -> [IPPrefix]? { active(device) == nil ? nil : list(of: device) }

    /// The same for the device at this place in `devices`.
    public func allowed(at place: Int) -> [IPPrefix]? {
        active(at: place) == nil ? nil : devices[place].overrides.allowedIPs.resolved(over: defaults.settings.allowedIPs)
    }

    private func list(of device: Device) -> [IPPrefix] { device.overrides.allowedIPs.resolved(over: defaults.settings.allowedIPs) }

    /// A device's entry in the table.
    public struct Seat: Sendable {
        let member: ForwardingTable.Member?
        let ipv4: IPAddress?
        let ipv6: IPAddress?
        let kind: Kind

        /// What rules see of a device, by address family. Devices of one kind are the same to every rule. Nil for an address that the device does
        /// not have, and without rules that refuse something.
        struct Kind: Hashable, Sendable {
            let ipv4: RuleSet.Side?
            let ipv6: RuleSet.Side?
        }

        /// The address families of the device as a bit mask: 1 for IPv4, 2 for IPv6.
        public var families: Int { (ipv4 == nil ? 0 : 1) + (ipv6 == nil ? 0 : 2) }
    }

    /// The entries of all devices. Use them for questions about many pairs, so that each device is looked up once.
    public var seats: [Seat] { devices.indices.map { seat(of: devices[$0], active(at: $0)) } }

    func seat(of device: Device) -> Seat { seat(of: device, active(device)) }

    private func seat(of device: Device, _ member: ForwardingTable.Member?) -> Seat {
        let side = { (address: IPAddress?) -> RuleSet.Side? in
            guard let compiled, let address, member != nil else { return nil }
            return compiled.set.side(of: member, address, isInternet: table.decisions.isInternet(address))
        }
        return Seat(
            member: member, ipv4: device.ipv4, ipv6: device.ipv6, kind: Seat.Kind(ipv4: side(device.ipv4), ipv6: side(device.ipv6)))
    }

    /// The address families of `seat` whose address is in the list of `lister`, as a bit mask like `Seat.families`.
    public func listedFamilies(of seat: Seat, byListOf lister: Seat) -> Int {
        guard seat.member != nil, let member = lister.member else { return 0 }
        return families(of: seat) { table.allows(member, $0) }
    }

    /// The families of `listedFamilies` that remain without prefixes that stand for the whole Internet. `listed` is the result of that
    /// function.
    public func namedFamilies(of seat: Seat, byListOf lister: Seat, listed: Int) -> Int {
        guard listed != 0, let member = lister.member, lists[member] != nil else { return listed }
        return families(of: seat) { names(member, $0) }
    }

    private func families(of seat: Seat, _ holds: (IPAddress) -> Bool) -> Int {
        (seat.ipv4.map(holds) ?? false ? 1 : 0) + (seat.ipv6.map(holds) ?? false ? 2 : 0)
    }

    /// True if a list holds the address, and not only because it holds the whole Internet.
    private func names(_ member: ForwardingTable.Member, _ address: IPAddress) -> Bool {
        lists[member].map { $0.contains { $0.contains(address) } } ?? table.allows(member, address)
    }

    /// The relation between two devices in one sentence, with names shortened to `limit` characters.
    public func reason(_ a: Device, _ b: Device, namesTo limit: Int = .max) -> Phrase {
        let (first, second) = (a.name.shortenedInside(to: limit), b.name.shortenedInside(to: limit))
        switch relation(a, b) {
        case .both:
            let passing = passing(a, b)
            switch passing.extent {
            case .all: return "\(first) and \(second) reach each other"
            case .nothing: return "\(first) and \(second) are linked, but the rules let nothing pass"
            case .part:
                let (there, back) = (passing.there.phrase, passing.back.phrase)
                return passing.there == passing.back
                    ? "\(first) and \(second) reach each other with \(there)"
                    : "\(first) reaches \(second) with \(there), and \(second) reaches \(first) with \(back)"
            }
        case .out: return "one-sided: \(second) does not list \(first)"
        case .in: return "one-sided: \(first) does not list \(second)"
        case .none:
            for (device, name) in [(a, first), (b, second)] where active(device) == nil {
                return "\(name) is disabled or expired: nothing passes"
            }
            if pairs(a, b).isEmpty { return "\(first) and \(second) have no address family in common" }
            if lists(a, b) { return "\(second) does not list \(first)" }
            if lists(b, a) { return "\(first) does not list \(second)" }
            return "\(first) and \(second) do not list each other"
        }
    }

    /// True if the hub forwards packets between the two devices, in IPv4 or IPv6, of at least one service.
    public func reaches(_ sender: Device, _ receiver: Device) -> Bool {
        relation(sender, receiver) == .both && passing(sender, receiver).extent != .nothing
    }

    /// What the rules let a device start from one of its addresses to another one, if the forwarding table lets packets pass at all.
    public func services(from sender: Device, _ source: IPAddress, _ destination: IPAddress) -> ServiceSet {
        guard let member = places[sender.id].map(Self.member) else { return .none }
        let receiver: ForwardingTable.Member
        switch table.decide(from: member, source: source, destination: destination) {
        case .forward(let other): receiver = other
        case .deliver: receiver = ForwardingTable.hub
        case .leave: receiver = ForwardingTable.outside
        case .refuse: return .none
        }
        return compiled?.set.services(from: member, source, to: receiver, destination, isInternet: table.decisions.isInternet(destination)) ?? .all
    }

    /// True if rules refuse something.
    public var hasRules: Bool { compiled != nil }

    /// The relation between two devices by their lists alone, whatever rules say.
    public func relation(_ a: Device, _ b: Device) -> Relation { relation(seat(of: a), seat(of: b)) }

    /// The relation between the devices of two seats.
    public func relation(_ a: Seat, _ b: Seat) -> Relation {
        guard let first = a.member, let second = b.member else { return .none }
        if forwards(a.ipv4, b.ipv4, from: first, to: second) || forwards(a.ipv6, b.ipv6, from: first, to: second) { return .both }
        if lists(a, b, names) { return .out }
        return lists(b, a, names) ? .in : .none
    }

    func forwards(
        _ source: IPAddress?, _ destination: IPAddress?, from sender: ForwardingTable.Member, to receiver: ForwardingTable.Member
    ) -> Bool {
        guard let source, let destination else { return false }
        return table.decide(from: sender, source: source, destination: destination) == .forward(receiver)
    }

    /// The hub's decision about one packet from `sender`, as the reason for which it drops the packet; nil if it forwards or answers it.
    public func refusal(from sender: Device, source: IPAddress, destination: IPAddress) -> DropReason? {
        guard let member = places[sender.id].map(Self.member) else { return .noRouteToPeer }
        if case .refuse(let reason) = table.decide(from: member, source: source, destination: destination) { return reason }
        return compiled != nil && services(from: sender, source, destination).isEmpty ? .ruleRefused : nil
    }

    /// True if the hub forwards a packet of `sender` with these addresses to `receiver`.
    public func passes(from sender: Device, _ source: IPAddress, to receiver: Device, _ destination: IPAddress) -> Bool {
        guard let from = places[sender.id], let to = places[receiver.id] else { return false }
        return table.decide(from: Self.member(at: from), source: source, destination: destination) == .forward(Self.member(at: to))
            && (compiled == nil || !services(from: sender, source, destination).isEmpty)
    }

    /// The position in `devices` of the device with this id; nil if there is none.
    public func place(of id: String) -> Int? { places[id] }

    /// True if the allowed IPs of a device hold the address, whether or not the device is enabled.
    public func holds(_ device: Device, _ address: IPAddress) -> Bool {
        places[device.id].map { table.allows(Self.member(at: $0), address) } ?? false
    }

    /// True if nobody owns the address, and the hub's way out leads there.
    public func isOutside(_ address: IPAddress) -> Bool { table.owner(of: address) == nil && table.decisions.way(to: address) == .out }

    /// True if the address is the hub's own.
    public func isHub(_ address: IPAddress) -> Bool { table.owner(of: address) == ForwardingTable.hub }

    /// True if the allowed IPs of `a` include an address of `b`, in an address family that both have.
    public func lists(_ a: Device, _ b: Device) -> Bool { lists(seat(of: a), seat(of: b), table.allows) }

    /// The same for seats, where `holds` says whether the list of a member holds an address.
    private func lists(_ a: Seat, _ b: Seat, _ holds: (ForwardingTable.Member, IPAddress) -> Bool) -> Bool {
        guard let member = a.member else { return false }
        if a.ipv4 != nil, let other = b.ipv4, holds(member, other) { return true }
        if a.ipv6 != nil, let other = b.ipv6, holds(member, other) { return true }
        return false
    }

    /// The device that owns an address, by longest prefix. Nil if no device owns it or it is the hub's.
    public func owner(of address: IPAddress) -> Device? {
        guard let member = table.owner(of: address), member != ForwardingTable.hub else { return nil }
        return devices[Int(member - Self.member(at: 0))]
    }

    /// The source and destination addresses of a packet between the two devices, for each address family that both have.
    public func pairs(_ a: Device, _ b: Device) -> [(source: IPAddress, destination: IPAddress)] {
        var result: [(source: IPAddress, destination: IPAddress)] = []
        if let source = a.ipv4, let destination = b.ipv4 { result.append((source, destination)) }
        if let source = a.ipv6, let destination = b.ipv6 { result.append((source, destination)) }
        return result
    }
}
