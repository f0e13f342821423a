// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net
import Words

/// The effect of a change, computed before it is saved: changed fields, gained and lost links, ended sessions and outdated files. Links are
/// computed before and after the change with the same forwarding decision that the packet loop uses.
public struct Effect: Sendable {
    /// Two devices, in order of name.
    public struct Pair: Equatable, Sendable {
        public let first: Device
        public let second: Device

        public init(first: Device, second: Device) {
            self.first = first
            self.second = second
        }
    }

    /// Devices that lose their Internet connection.
    public enum Trapped: Equatable, Sendable {
        case none
        /// This many devices, by their own lists.
        case devices(Int)
        /// All devices that follow the default, including future ones.
        case followers
    }

    /// One changed field of a device, or of the defaults if the device is nil.
    public struct Field: Sendable {
        public let device: Device?
        public let label: Phrase
        public let before: Phrase
        public let after: Phrase
    }

    /// The maximum number of pairs (a changed device and any other) to examine and name one by one. Above this limit, links are only
    /// counted.
    public static let namedPairs = 60_000

    /// The changed fields. Those of the hub and the defaults come first.
    public private(set) var fields: [Field] = []
    /// Pairs that reach each other only after the change, with at least one service. Empty if links are only counted.
    public private(set) var gained: [Pair] = []
    /// Pairs that reach each other only before the change, with their relation after it.
    public private(set) var lost: [(pair: Pair, relation: Reachability.Relation)] = []
    /// Pairs where, after the change, only the first device lists the second, and no packets passed before the change either.
    public private(set) var oneSided: [Pair] = []
    /// Pairs that list each other only after the change, but to which the rules let nothing pass.
    public private(set) var refused: [Pair] = []
    /// What pairs that reach each other before and after the change may start more and less. Always empty without rules.
    public private(set) var services: (gained: [ServiceDifference], lost: [ServiceDifference]) = ([], [])
    /// The number of those pairs.
    public private(set) var shiftedCount = 0
    /// True if such pairs were not looked for, because links are only counted.
    public private(set) var areServicesUnknown = false
    /// The number of gained and lost links. Nil if there are too many different lists to count them.
    public private(set) var counts: (gained: Int, lost: Int)?
    /// Devices with a current session that will no longer be peers of the hub.
    public private(set) var ended: [Device] = []
    /// Devices whose fetched file is outdated after the change, and the parts of the file that changed.
    public private(set) var stale: [(device: Device, parts: [Phrase])] = []
    /// Devices that the change removes.
    public private(set) var removed: [Device] = []
    /// Who would send its Internet traffic to a hub without an exit because of a new entry.
    public private(set) var trapped = Trapped.none
    /// New routes of a device that cover what others have.
    public private(set) var overlaps: [RouteOverlap] = []
    /// Devices that spoke with each other lately and that the change would cut. Nil until `note` is called.
    public private(set) var cut: CutPairs?
    /// The expectations that the change breaks.
    public private(set) var breaches: [ExpectationCheck.Breach] = []
    /// What another list of rules changes; nil if the change keeps the rules.
    public private(set) var rules: RulesEffect?
    /// The ids of the devices whose links may change.
    public private(set) var affected: [String] = []
    /// What passes before and after the change. Nil if it cannot change any link.
    private var states: (before: Reachability, after: Reachability)?
    private let now: UnixTime

    /// Computes the effect of a change. `edited`, `defaults` and `hub` are the new values. `presharedKeys` holds the ids of the devices
    /// whose preshared key changes.
    public init(
        on overview: Overview, devices edited: [Device], defaults: Defaults? = nil, hub: Hub? = nil, presharedKeys: Set<String> = []
    ) {
        let newDefaults = defaults ?? overview.defaults
        let edits = Dictionary(edited.map { ($0.id, $0) }) { $1 }
        fields = hub.map { Self.differences(overview.hub, $0) } ?? []
        fields += SettingName.differences(overview.defaults.settings, newDefaults.settings)
        let inheritsChange = SettingName.allCases.filter { $0.differs(overview.defaults.settings, newDefaults.settings) }
        var affected: [Int] = []
        let places = inheritsChange.isEmpty ? edits.keys.compactMap { overview.index.place(of: $0) }.sorted() : Array(overview.devices.indices)
        for place in places {
            let old = overview.devices[place]
            let new = edits[old.id]
            guard new != nil || inheritsChange.contains(where: { $0.isInherited(in: old.overrides) }) else { continue }
            let isPresharedKeyChanged = presharedKeys.contains(old.id)
            guard let new else {
                // The device itself is not edited; only its inherited defaults change.
                let parts = inheritsChange.filter { $0.isInherited(in: old.overrides) }
                if parts.contains(.allowedIPs) { affected.append(place) }
                let inFile = parts.filter { $0.fileLine != nil }
                if old.fetchedAt != nil, !inFile.isEmpty { stale.append((old, inFile.map(\.label))) }
                continue
            }
            fields += Self.differences(old, new, overview.defaults, newDefaults, isPresharedKeyChanged)
            let isListChanged = old.settings(over: overview.defaults).allowedIPs != new.settings(over: newDefaults).allowedIPs
            let (wasActive, isActive) = (old.isActive(at: overview.now), new.isActive(at: overview.now))
            let areTagsRuled = !overview.rules.allowsAll
            if isListChanged || old.ownedPrefixes != new.ownedPrefixes || wasActive != isActive || areTagsRuled && old.tags != new.tags {
                affected.append(place)
            }
            if wasActive, !isActive, overview.sight(of: old).state == .online { ended.append(old) }
            guard old.fetchedAt != nil else { continue }
            let parts = Self.fileParts(old, new, overview.defaults, newDefaults, isPresharedKeyChanged)
            if !parts.isEmpty { stale.append((new, parts)) }
        }
        now = overview.now
        self.affected = affected.map { overview.devices[$0].id }
        trapped = Self.trapped(affected, overview, edits, newDefaults)
        if let hub, hub.addresses != overview.hub.addresses || hub.naming.domain != overview.hub.naming.domain {
            noteNewServers(overview, edits, newDefaults)
        }
        guard !affected.isEmpty else {
            counts = (0, 0)
            return
        }
        if edited.count == 1, let new = edited.first, let old = overview.index[new.id] {
            let added = Set(new.routes).subtracting(old.routes)
            overlaps = added.isEmpty ? [] : RouteOverlap.of(new, among: overview.devices).filter { $0.wide.id == new.id && added.contains($0.route) }
        }
        let before = overview.reachability
        let after = before.changing(edited, defaults: newDefaults)
        states = (before, after)
        if affected.count * overview.devices.count <= Self.namedPairs {
            compare(affected, before, after)
        } else {
            counts = LinkCensus(before, after)?.difference
            areServicesUnknown = before.hasRules
        }
    }

    /// The files of devices that ask the hub for names have its addresses and its domain.
    private mutating func noteNewServers(_ overview: Overview, _ edits: [String: Device], _ defaults: Defaults) {
        let places = Dictionary(stale.enumerated().map { ($1.device.id, $0) }) { $1 }
        for old in overview.devices where old.fetchedAt != nil {
            let device = edits[old.id] ?? old
            guard device.settings(over: defaults).dns.contains(.hub) else { continue }
            if let place = places[device.id] {
                if !stale[place].parts.contains(SettingName.dns.label) { stale[place].parts.append(SettingName.dns.label) }
            } else {
                stale.append((device, [SettingName.dns.label]))
            }
        }
    }

    /// Finds out which of the pairs that spoke lately the change would cut. `spoken` holds at least those of the `affected` devices.
    public mutating func note(_ spoken: SpokenPairs) {
        cut = states.map { CutPairs(spoken, before: $0.before, after: $0.after, now: now) }
    }

    /// Adds the expectations that the change breaks.
    public mutating func note(_ breaches: [ExpectationCheck.Breach]) { self.breaches = breaches }

    /// Computes the effect of a draft. The links of devices that it removes are not counted.
    public init(of draft: Draft, on overview: Overview, presharedKeys: Set<String> = []) {
        self.init(on: overview, devices: draft.devices, defaults: draft.defaults, hub: draft.hub, presharedKeys: presharedKeys)
        removed = draft.removed.compactMap { overview.index[$0] }
        ended += removed.filter { overview.sight(of: $0).state == .online }
        breaches = draft.breaches
        guard let new = draft.rules else { return }
        rules = RulesEffect(new, on: overview)
        states = (overview.reachability, (states?.after ?? overview.reachability).changing(rules: new))
        affected = overview.devices.map(\.id)
    }

    /// Notes how many flows that are alive now a change of the rules would end. Does nothing for other changes.
    public mutating func note(endingFlows count: Int?) { rules?.endingFlows = count }

    private static func trapped(_ affected: [Int], _ overview: Overview, _ edits: [String: Device], _ after: Defaults) -> Trapped {
        let added = { (was: [IPPrefix], now: [IPPrefix]) in now.filter { $0.isInternetWide && !was.contains($0) } }
        let defaults = added(overview.defaults.settings.allowedIPs, after.settings.allowedIPs)
        let edited = affected.compactMap { place -> (id: String, added: [IPPrefix])? in
            let old = overview.devices[place]
            guard let new = edits[old.id], !new.overrides.allowedIPs.isInherited else { return nil }
            let added = added(old.settings(over: overview.defaults).allowedIPs, new.settings(over: after).allowedIPs)
            return added.isEmpty ? nil : (old.id, added)
        }
        guard !defaults.isEmpty || !edited.isEmpty else { return .none }
        let exit = InternetExit(
            devices: overview.devices.map { edits[$0.id] ?? $0 }, gateway: overview.status.gateway, now: overview.now)
        if !exit.traps(in: defaults, ofDevice: nil).isEmpty { return .followers }
        let count = edited.count { !exit.traps(in: $0.added, ofDevice: $0.id).isEmpty }
        return count == 0 ? .none : .devices(count)
    }

    private mutating func compare(_ affected: [Int], _ before: Reachability, _ after: Reachability) {
        let isAffected = Set(affected)
        let (oldSeats, newSeats) = (before.seats, after.seats)
        var (oldMemo, newMemo) = (ServiceMemo(), ServiceMemo())
        for place in affected {
            for other in before.devices.indices where other != place && !(other < place && isAffected.contains(other)) {
                let (first, second) = (min(place, other), max(place, other))
                let (was, now) = (before.relation(oldSeats[first], oldSeats[second]), after.relation(newSeats[first], newSeats[second]))
                guard was != now || now == .both && after.hasRules else { continue }
                let passed = was == .both ? before.passing(oldSeats[first], oldSeats[second], &oldMemo) : .nothing
                let passes = now == .both ? after.passing(newSeats[first], newSeats[second], &newMemo) : .nothing
                let pair = Pair(first: before.devices[first], second: before.devices[second])
                switch (passed.extent != .nothing, passes.extent != .nothing) {
                case (false, true): gained.append(pair)
                case (true, false): lost.append((pair, now))
                case (true, true):
                    guard passed != passes else { continue }
                    shiftedCount += 1
                    ServiceDifference.add(pair.first, pair.second, passed, passes, to: &services)
                case (false, false): if was != now { noteUnreached(pair, now) }
                }
            }
        }
        counts = (gained.count, lost.count)
    }

    /// A pair whose relation changes although nothing passes before or after.
    private mutating func noteUnreached(_ pair: Pair, _ now: Reachability.Relation) {
        switch now {
        case .both: refused.append(pair)
        case .out: oneSided.append(pair)
        case .in: oneSided.append(Pair(first: pair.second, second: pair.first))
        case .none: break
        }
    }

    /// What passes between two devices after the change, as a sentence.
    func reasonAfterwards(_ pair: Pair) -> Phrase? {
        guard let after = states?.after, let a = after.place(of: pair.first.id), let b = after.place(of: pair.second.id) else { return nil }
        return after.reason(after.devices[a], after.devices[b])
    }

    /// The names that differ from those of another version of the hub.
    private static func labels(_ hub: Hub, besides other: Hub) -> String {
        let others = Set(other.naming.records)
        return hub.naming.records.filter { !others.contains($0) }.map(\.label).joined(separator: ", ")
    }

    private static func differences(_ old: Hub, _ new: Hub) -> [Field] {
        let addresses = { (hub: Hub) in hub.addresses.map(\.description).joined(separator: ", ") }
        let ranges = { (hub: Hub) in hub.networks.map(\.description).joined(separator: ", ") }
        let texts: [(Phrase, String, String)] = [
            ("Name", old.name, new.name), ("Address range", ranges(old), ranges(new)),
            ("The hub's own addresses", addresses(old), addresses(new)), ("Portal", old.portalURL ?? "", new.portalURL ?? ""),
            ("Domain", old.naming.domain?.description ?? "", new.naming.domain?.description ?? ""),
            ("More names", labels(old, besides: new), labels(new, besides: old)),
        ]
        return texts.filter { $0.1 != $0.2 }.map { Field(device: nil, label: $0, before: Phrase(verbatim: $1), after: Phrase(verbatim: $2)) }
    }

    private static func differences(_ old: Device, _ new: Device, _ before: Defaults, _ after: Defaults, _ changesPresharedKey: Bool) -> [Field] {
        var rows: [(label: Phrase, before: Phrase, after: Phrase)] = []
        // Most devices in a large change differ in one field, so equal values are not turned into text.
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

    /// The parts of a device's file that change.
    private static func fileParts(_ old: Device, _ new: Device, _ before: Defaults, _ after: Defaults, _ changesPresharedKey: Bool) -> [Phrase] {
        let (was, now) = (old.settings(over: before), new.settings(over: after))
        let addresses: [Phrase] = old.ipv4 != new.ipv4 || old.ipv6 != new.ipv6 ? ["addresses"] : []
        let settings = SettingName.allCases.filter { $0.fileLine != nil && $0.differs(was, now) }.map(\.label)
        return addresses + settings + (changesPresharedKey ? ["preshared key"] : [])
    }
}

extension SettingName {
    /// The value with its source, such as "default (25 s)" or "off".
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

/// The rows that a change would write.
public struct Draft: Sendable {
    /// The changed devices, with their new values.
    public let devices: [Device]
    /// The ids of the devices that would be removed.
    public let removed: [String]
    /// The new defaults.
    public let defaults: Defaults
    /// The new hub.
    public let hub: Hub
    /// The expectations that the change would break.
    public let breaches: [ExpectationCheck.Breach]
    /// The new rules; nil if they stay as they are.
    public let rules: RuleList?

    public init(
        devices: [Device], removed: [String] = [], defaults: Defaults, hub: Hub, breaches: [ExpectationCheck.Breach] = [],
        rules: RuleList? = nil
    ) {
        self.devices = devices
        self.removed = removed
        self.defaults = defaults
        self.hub = hub
        self.breaches = breaches
        self.rules = rules
    }
}
