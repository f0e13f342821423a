// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The allowed IPs that a device needs for the devices that it spoke with lately, made from its present list.
///
/// An entry stays as it is unless a device that it did not speak with has an address in it. A wider entry is then replaced by the addresses
/// and networks in it that belong to the devices that it spoke with, and to the hub.
public struct UsedList: Sendable {
    /// The list, in the order of the present one.
    public let prefixes: [IPPrefix]
    /// True if it differs from the present list.
    public let isNarrower: Bool

    /// `partners` holds the ids of the devices that `device` spoke with. Nil if the device is disabled or expired.
    public init?(of device: Device, partners: Set<String>, _ reachability: Reachability, hub: Hub) {
        guard let list = reachability.allowed(device) else { return nil }
        let others = reachability.devices.filter { $0.id != device.id }
        let isUsed = { (other: Device) in partners.contains(other.id) }
        var kept: [IPPrefix] = []
        for entry in list {
            if entry.isInternetWide {
                kept.append(entry)
            } else if let owner = reachability.owner(of: entry.address), owner.ownedPrefixes.contains(where: { $0.contains(entry) }) {
                if owner.id == device.id || isUsed(owner) { kept.append(entry) }
            } else {
                let inside = others.filter { $0.ownedPrefixes.contains { entry.contains($0) } }
                guard inside.contains(where: { !isUsed($0) }) else {
                    kept.append(entry)
                    continue
                }
                let used = hub.addresses.map(IPPrefix.init(host:)) + inside.filter(isUsed).flatMap(\.ownedPrefixes)
                kept += used.filter { entry.contains($0) }.sorted()
            }
        }
        var seen: Set<IPPrefix> = []
        prefixes = kept.filter { seen.insert($0).inserted }
        isNarrower = prefixes != list
    }
}
