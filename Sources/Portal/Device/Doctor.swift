// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// The numbered list of checks for one pair: what a packet from one device to another meets, in that order.
struct Doctor {
    struct Check: Sendable, Equatable {
        enum Remedy: Sendable, Equatable {
            case edit(device: String, field: String)
            case status
        }

        /// As in the API.
        let name: String
        /// For people.
        let title: String
        let ok: Bool
        let detail: String
        var remedy: Remedy?
    }

    let checks: [Check]
    /// The hub's decision, by the table the packet loop uses.
    let reaches: Bool

    var firstFailure: Check? { checks.first { !$0.ok } }

    /// `states` says what each of the two is doing, `applied` whether the engine runs the newest change.
    init(from: Device, to: Device, in reachability: Reachability, states: (from: DeviceState, to: DeviceState), applied: Bool) {
        reaches = from.id != to.id && reachability.reaches(from, to)
        let pairs = reachability.pairs(from, to)
        var checks = [Self.active(from, states.from, "sender_active"), Self.active(to, states.to, "receiver_active")]
        checks.append(
            Check(
                name: "common_family", title: "Both have an address of one family", ok: !pairs.isEmpty,
                detail: pairs.isEmpty
                    ? "One has only IPv4 and the other only IPv6: no packet fits both."
                    : pairs.map { "\($0.source) to \($0.destination)" }.joined(separator: ", "),
                remedy: pairs.isEmpty ? .edit(device: to.id, field: "ipv4") : nil))
        checks.append(Self.ownership(from, pairs.map(\.source), "source_owned", reachability))
        checks.append(Self.ownership(to, pairs.map(\.destination), "destination_owned", reachability))
        checks.append(Self.listing(from, to, pairs.map(\.destination), "in_allowed_ips", reachability.lists(from, to)))
        checks.append(Self.listing(to, from, pairs.map(\.source), "in_receivers_allowed_ips", reachability.lists(to, from)))
        checks.append(
            Check(
                name: "decision", title: "The hub forwards the packet", ok: reaches,
                detail: reaches
                    ? "The packet loop sends it on to \(to.name), and the answer back."
                    : "The packet loop drops it, for the first reason above that failed."))
        checks.append(
            Check(
                name: "applied", title: "The newest change is applied", ok: applied,
                detail: applied
                    ? "The engine runs what the portal shows." : "A change is waiting; until it is applied, the engine may decide otherwise.",
                remedy: applied ? nil : .status))
        checks.append(Self.connection(from, states.from, "sender_connected"))
        checks.append(Self.connection(to, states.to, "receiver_connected"))
        self.checks = checks
    }

    private static func active(_ device: Device, _ state: DeviceState, _ name: String) -> Check {
        let ok = state != .disabled && state != .expired
        return Check(
            name: name, title: "\(device.name) is enabled", ok: ok, detail: ok ? "The hub answers it." : state.rule,
            remedy: ok ? nil : .edit(device: device.id, field: state == .disabled ? "enabled" : "expires_at"))
    }

    private static func ownership(_ device: Device, _ addresses: [IPAddress], _ name: String, _ reachability: Reachability) -> Check {
        let foreign = addresses.compactMap { address in
            reachability.owner(of: address).flatMap { $0.id == device.id ? nil : (address, $0) }
        }
        let ok = foreign.isEmpty
        return Check(
            name: name, title: "The hub takes these addresses as \(device.name)'s", ok: ok,
            detail: ok
                ? addresses.map(\.description).joined(separator: ", ")
                : foreign.map { "\($0) belongs to \($1.name)." }.joined(separator: " "),
            remedy: foreign.first.map { .edit(device: $0.1.id, field: "routes") })
    }

    private static func listing(_ device: Device, _ other: Device, _ addresses: [IPAddress], _ name: String, _ ok: Bool) -> Check {
        let list = addresses.map(\.description).joined(separator: " or ")
        return Check(
            name: name, title: "\(device.name) lists \(other.name)", ok: ok,
            detail: ok
                ? "Its allowed IPs hold \(list)."
                : "Its allowed IPs do not hold \(list.isEmpty ? "an address of \(other.name)" : list): nothing passes. Add it to \(device.name).",
            remedy: ok ? nil : .edit(device: device.id, field: "allowed_ips"))
    }

    private static func connection(_ device: Device, _ state: DeviceState, _ name: String) -> Check {
        let ok = state == .online || state == .idle
        return Check(name: name, title: "\(device.name) is connected", ok: ok, detail: state.rule)
    }
}
