// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// What a change does, before it is saved: the fields, the links gained and lost, the sessions that end, the files that become old.
/// Links are asked of the forwarding decision on both sides of the change, the same that decides about packets.
public struct Effect: Sendable {
    /// Two devices, the one that comes first by name first.
    public struct Pair: Equatable, Sendable {
        public let first: Device
        public let second: Device

        public init(first: Device, second: Device) {
            self.first = first
            self.second = second
        }
    }

    /// One field of one device, or of the defaults (nil).
    public struct Field: Sendable {
        public let device: Device?
        public let label: Phrase
        public let before: Phrase
        public let after: Phrase
    }

    /// Pairs of a changed and any other device that are looked at one by one and named. More are counted by their lists.
    public static let namedPairs = 60_000

    /// The fields that change, the hub's and the defaults' first.
    public private(set) var fields: [Field] = []
    /// Pairs that reach each other afterwards and did not before. Empty where there are only counts.
    public private(set) var gained: [Pair] = []
    /// The other way round, and how the two stand to each other afterwards.
    public private(set) var lost: [(pair: Pair, relation: Reachability.Relation)] = []
    /// The first lists the second afterwards, but not the other way round, and nothing passed before either.
    public private(set) var oneSided: [Pair] = []
    /// How many links are gained and lost; nil where the lists are too many to count.
    public private(set) var counts: (gained: Int, lost: Int)?
    /// Devices that the hub knows no more as peers, with a session now.
    public private(set) var ended: [Device] = []
    /// Devices that fetched a file which is old afterwards, and the parts of it that changed.
    public private(set) var stale: [(device: Device, parts: [Phrase])] = []

    /// `edited` are the devices as they would be written, `defaults` as they would be; `presharedKeys` the ids whose preshared key changes.
    /// `hub` is the hub as it would be.
    public init(
        on overview: Overview, devices edited: [Device], defaults: Defaults? = nil, hub: Hub? = nil, presharedKeys: Set<String> = []
    ) {
        let after = defaults ?? overview.defaults
        let edits = Dictionary(edited.map { ($0.id, $0) }) { $1 }
        fields = hub.map { Self.differences(overview.hub, $0) } ?? []
        fields += SettingName.differences(overview.defaults.settings, after.settings)
        let inheritsChange = SettingName.allCases.filter { $0.differs(overview.defaults.settings, after.settings) }
        var affected: [Int] = []
        for (place, old) in overview.devices.enumerated() {
            let new = edits[old.id]
            guard new != nil || inheritsChange.contains(where: { $0.isInherited(in: old.overrides) }) else { continue }
            let isPresharedKeyChanged = presharedKeys.contains(old.id)
            guard let new else {
                // It follows the defaults, and nothing else of it changes.
                let parts = inheritsChange.filter { $0.isInherited(in: old.overrides) }
                if parts.contains(.allowedIPs) { affected.append(place) }
                let inFile = parts.filter { $0.fileLine != nil }
                if old.fetchedAt != nil, !inFile.isEmpty { stale.append((old, inFile.map(\.label))) }
                continue
            }
            fields += Self.differences(old, new, overview.defaults, after, isPresharedKeyChanged)
            let isListChanged = old.settings(over: overview.defaults).allowedIPs != new.settings(over: after).allowedIPs
            let (wasActive, isActive) = (old.isActive(at: overview.now), new.isActive(at: overview.now))
            if isListChanged || old.ownedPrefixes != new.ownedPrefixes || wasActive != isActive { affected.append(place) }
            if wasActive, !isActive, overview.sight(of: old).state == .online { ended.append(old) }
            guard old.fetchedAt != nil else { continue }
            let parts = Self.fileParts(old, new, overview.defaults, after, isPresharedKeyChanged)
            if !parts.isEmpty { stale.append((new, parts)) }
        }
        guard !affected.isEmpty else {
            counts = (0, 0)
            return
        }
        let before = overview.reachability
        let reachability = before.changing(edited, defaults: after)
        if affected.count * overview.devices.count <= Self.namedPairs {
            compare(affected, before, reachability)
        } else {
            counts = LinkCensus(before, reachability)?.difference
        }
    }

    /// What a draft would write.
    public init(of draft: Draft, on overview: Overview) { self.init(on: overview, devices: draft.devices, defaults: draft.defaults, hub: draft.hub) }

    private mutating func compare(_ affected: [Int], _ before: Reachability, _ after: Reachability) {
        let isAffected = Set(affected)
        for place in affected {
            for other in before.devices.indices where other != place && !(other < place && isAffected.contains(other)) {
                let (first, second) = (before.devices[min(place, other)], before.devices[max(place, other)])
                let (was, now) = (before.relation(first, second), after.relation(first, second))
                guard was != now else { continue }
                let pair = Pair(first: first, second: second)
                switch (was, now) {
                case (_, .both): gained.append(pair)
                case (.both, _): lost.append((pair, now))
                case (_, .out): oneSided.append(pair)
                case (_, .in): oneSided.append(Pair(first: second, second: first))
                case (_, .none): break
                }
            }
        }
        counts = (gained.count, lost.count)
    }

    private static func differences(_ old: Hub, _ new: Hub) -> [Field] {
        let addresses = { (hub: Hub) in [hub.ipv4, hub.ipv6].compactMap { $0?.description }.joined(separator: ", ") }
        let ranges = { (hub: Hub) in hub.networks.map(\.description).joined(separator: ", ") }
        let texts: [(Phrase, String, String)] = [
            ("Name", old.name, new.name), ("Address range", ranges(old), ranges(new)),
            ("The hub's own addresses", addresses(old), addresses(new)), ("Portal", old.portalURL ?? "", new.portalURL ?? ""),
        ]
        return texts.filter { $0.1 != $0.2 }.map { Field(device: nil, label: $0, before: Phrase(verbatim: $1), after: Phrase(verbatim: $2)) }
    }

    private static func differences(_ old: Device, _ new: Device, _ before: Defaults, _ after: Defaults, _ changesPresharedKey: Bool) -> [Field] {
        var rows: [(label: Phrase, before: Phrase, after: Phrase)] = []
        // Most devices of a large change differ in one field, so nothing is said of those that are equal.
        func compare<Value: Equatable>(_ label: Phrase, _ field: KeyPath<Device, Value>, _ say: (Value) -> Phrase) {
            let (was, now) = (old[keyPath: field], new[keyPath: field])
            if was != now { rows.append((label, say(was), say(now))) }
        }
        compare("Name", \.name) { Phrase(verbatim: $0) }
        compare("Description", \.description) { Phrase(verbatim: $0) }
        compare("Tags", \.tags) { Phrase(verbatim: $0.map(\.description).joined(separator: ", ")) }
        compare("State", \.enabled) { $0 ? "enabled" : "disabled" }
        compare("Expires", \.expiresAt) { $0?.phrase ?? "never" }
        compare("IPv4", \.ipv4) { Phrase(verbatim: $0?.description ?? "") }
        compare("IPv6", \.ipv6) { Phrase(verbatim: $0?.description ?? "") }
        compare("Routes", \.routes) { Phrase(verbatim: $0.map(\.description).joined(separator: ", ")) }
        if old.overrides != new.overrides {
            let settings = SettingName.allCases.map { ($0.label, $0.sourced(in: old, over: before), $0.sourced(in: new, over: after)) }
            rows += settings.filter { $0.1 != $0.2 }
        }
        if changesPresharedKey { rows.append(("Preshared key", old.hasPresharedKey ? "set" : "none", "changed")) }
        return rows.map {
            Field(device: old, label: $0.label, before: $0.before.isEmpty ? "empty" : $0.before, after: $0.after.isEmpty ? "empty" : $0.after)
        }
    }

    /// The parts of a device's file that are not as they were.
    private static func fileParts(_ old: Device, _ new: Device, _ before: Defaults, _ after: Defaults, _ changesPresharedKey: Bool) -> [Phrase] {
        let (was, now) = (old.settings(over: before), new.settings(over: after))
        let addresses: [Phrase] = old.ipv4 != new.ipv4 || old.ipv6 != new.ipv6 ? ["addresses"] : []
        let settings = SettingName.allCases.filter { $0.fileLine != nil && $0.differs(was, now) }.map(\.label)
        return addresses + settings + (changesPresharedKey ? ["preshared key"] : [])
    }
}

extension SettingName {
    /// With its source: "default (25 s)" or "off".
    fileprivate func sourced(in device: Device, over defaults: Defaults) -> Phrase {
        let value = shown(in: device.settings(over: defaults))
        return isInherited(in: device.overrides) ? "default" : value
    }

    fileprivate static func differences(_ before: Settings, _ after: Settings) -> [Effect.Field] {
        allCases.filter { $0.differs(before, after) }.map {
            Effect.Field(device: nil, label: $0.label, before: $0.shown(in: before), after: $0.shown(in: after))
        }
    }
}

/// What a change would write.
public struct Draft: Sendable {
    /// The devices whose rows it would write, as they would be.
    public let devices: [Device]
    /// The defaults as they would be.
    public let defaults: Defaults
    /// The hub as it would be.
    public let hub: Hub

    public init(devices: [Device], defaults: Defaults, hub: Hub) {
        self.devices = devices
        self.defaults = defaults
        self.hub = hub
    }
}
