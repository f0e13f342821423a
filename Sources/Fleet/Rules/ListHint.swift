// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Something that looks like a mistake in a list of prefixes. The hub accepts the entry, so this is a hint and no error.
public struct ListHint: Hashable, Sendable {
    /// The entry as typed.
    public let entry: String
    /// A sentence that says what the entry does, or that it does nothing.
    public let message: Phrase
    /// The texts to offer instead of the entry. An empty one removes it.
    public let corrections: [String]

    /// See the properties.
    public init(entry: String, message: Phrase, corrections: [String]) {
        self.entry = entry
        self.message = message
        self.corrections = corrections
    }
}

/// Finds mistakes in the allowed IPs and the routes of one device: host bits, repetitions, its own address, addresses that nobody has, and
/// prefixes that cannot do what they promise.
public struct ListHints {
    private let device: Device
    private let devices: [Device]
    private let hub: Hub
    private let exit: InternetExit
    private let gateway: Gateway?

    /// `device` has the addresses and routes to compare with. `devices` are all devices; the one with the same id does not count.
    /// `gateway` is the hub's way out, if it has one.
    public init(_ device: Device, among devices: [Device], hub: Hub, gateway: Gateway? = nil, now: UnixTime) {
        self.device = device
        self.devices = devices
        self.hub = hub
        self.gateway = gateway
        exit = InternetExit(devices: devices, gateway: gateway, now: now)
    }

    /// The hints about a list of allowed IPs, at most one for each entry. Ignores texts that are not prefixes.
    public func allowedIPs(_ entries: [String]) -> [ListHint] { marks(ofAllowedIPs: entries).compactMap { $0 } }

    /// The same, with one value for each entry up to the maximum number of entries; nil where there is nothing to say.
    public func marks(ofAllowedIPs entries: [String]) -> [ListHint?] {
        let prefixes = entries.prefix(Settings.maximumEntries).map { IPPrefix($0) }
        let all = Set(prefixes.compactMap { $0 })
        let lengths = Set(all.map(\.length)).sorted()
        let unowned = unowned(all)
        var seen: Set<IPPrefix> = []
        return zip(entries, prefixes).map { entry, prefix in
            guard let prefix else { return nil }
            if let hint = hostBits(entry, prefix) ?? repetition(entry, prefix, &seen) { return hint }
            if device.ownedPrefixes.contains(prefix) {
                return ListHint(entry: entry, message: "\(prefix) belongs to this device itself, so it need not list it.", corrections: [""])
            }
            if !exit.traps(in: [prefix], ofDevice: device.id).isEmpty {
                let networks = hub.networks.filter { $0.address.isV4 == prefix.address.isV4 && !all.contains($0) }
                return ListHint(entry: entry, message: InternetExit.warning, corrections: networks.map(\.description) + [""])
            }
            if let special = prefix.unroutableRange {
                return ListHint(
                    entry: entry, message: "\(prefix) is part of \(special), which is for special uses. The hub never forwards packets there.",
                    corrections: [""])
            }
            let around = lengths.lazy.filter { $0 < prefix.length }.compactMap { IPPrefix(prefix.address, length: $0) }
            if let wider = around.first(where: { !$0.isInternetWide && all.contains($0) }) {
                return ListHint(entry: entry, message: "\(prefix) is inside \(wider), which is in the list too.", corrections: [""])
            }
            guard unowned.contains(prefix) else { return nil }
            let isTunnel = hub.networks.contains { $0.contains(prefix) }
            return ListHint(
                entry: entry,
                message: isTunnel
                    ? "No device has the address \(prefix.address)."
                    : "No device has \(prefix) behind it. If one does, add it to the routes of that device.",
                corrections: [""])
        }
    }

    /// The hints about a list of routes. Everything else that is wrong with a route is an error.
    public func routes(_ entries: [String]) -> [ListHint] {
        entries.compactMap { entry in IPPrefix(entry).flatMap { hostBits(entry, $0) } }
    }

    private func hostBits(_ entry: String, _ prefix: IPPrefix) -> ListHint? {
        guard let address = entry.split(separator: "/").first.flatMap({ IPAddress($0) }), address != prefix.address else { return nil }
        return ListHint(
            entry: entry, message: "\(entry) is saved as \(prefix), the network around \(address).",
            corrections: [prefix.description, IPPrefix(host: address).description])
    }

    private func repetition(_ entry: String, _ prefix: IPPrefix, _ seen: inout Set<IPPrefix>) -> ListHint? {
        seen.insert(prefix).inserted ? nil : ListHint(entry: entry, message: "\(prefix) is in the list twice.", corrections: [""])
    }

    /// The prefixes that no device and not the hub has. A network counts only if it is outside the hub's networks.
    private func unowned(_ prefixes: Set<IPPrefix>) -> Set<IPPrefix> {
        let networks = hub.networks
        var missing = prefixes.filter { prefix in
            // Outside of the hub's networks, what no device has is reached by the way out.
            if gateway?.egress(isV4: prefix.address.isV4) != nil, !networks.contains(where: { $0.overlaps(prefix) }) { return false }
            return !prefix.isInternetWide && !hub.addresses.contains { prefix.contains($0) }
                && (prefix.isHost || !networks.contains { $0.overlaps(prefix) })
        }
        guard !missing.isEmpty else { return [] }
        var routes: [IPPrefix] = []
        for device in devices where device.id != self.device.id {
            for address in device.addresses { missing.remove(IPPrefix(host: address)) }
            routes += device.routes
        }
        return missing.filter { prefix in !routes.contains { $0.overlaps(prefix) } }
    }
}
