// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The doctor's step about names: whether a device that asks the hub gets the address of another one.
struct NameCheck: Sendable {
    let from: Device
    let to: Device
    let pair: PairChecks
    let overview: Overview

    /// Nil if the hub answers for no names, or the device does not ask it.
    var check: Doctor.Check? {
        guard let name = overview.names.name(ofDevice: to.id), from.settings(over: overview.defaults).dns.contains(.hub) else { return nil }
        let title: Phrase = "\(from.name) finds \(to.name) by its name"
        if let lacking = HubNames.unreached(by: from, in: overview) {
            return Doctor.Check(
                name: "name", title: title, ok: false,
                detail: "\(from.name) asks the hub for names, but its allowed IPs do not hold \(lacking), so its questions do not get there. Add it.",
                remedy: .edit(device: from.id, field: "allowed_ips"))
        }
        return Doctor.Check(
            name: "name", title: title, ok: pair.passes,
            detail: pair.passes ? "The name is \(name)." : "The hub refuses \(name) to devices that do not reach it.")
    }
}

/// What devices need to ask the hub for names.
public enum HubNames {
    /// The first of the hub's addresses that a device asks but does not send to, because its allowed IPs do not hold it. Nil if there is none,
    /// or the device does not ask the hub.
    public static func unreached(by device: Device, in overview: Overview) -> IPAddress? {
        guard overview.hub.naming.domain != nil, device.settings(over: overview.defaults).dns.contains(.hub) else { return nil }
        let asked = overview.hub.addresses.filter { address in device.addresses.contains { $0.isV4 == address.isV4 } }
        return asked.first { !overview.reachability.holds(device, $0) }
    }
}
