// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// Causes on the hub's own host, each of which cuts all devices off.
enum HubCauses {
    private static let closed = "table inet gate { chain arrival { type filter hook input priority filter; udp dport 51820 drop; }; }"

    /// A hub whose port is blocked: from its start, and later again.
    static func runBlocked(in lab: Lab) throws -> [Verdict] {
        let clinic = try Clinic(lab, try Hub(in: lab, firewall: closed))
        let anna = try clinic.admit("anna"), bert = try clinic.admit("bert")
        for patient in [anna, bert] { try clinic.connect(patient) }
        let never = Cause(
            name: "the hub's port is blocked from the start",
            words: "^Nothing has reached UDP port 51820 of the hub since it started: a firewall blocks it, or no device dials", from: anna, to: bert,
            fix: {
                try clinic.hub.namespace.firewall("")
                for patient in [anna, bert] { try clinic.reconnect(patient, with: patient.file) }
                guard try anna.machine.reaches(bert.ipv4, within: 20) else { throw LabError("the devices do not come back") }
            })
        let again = Cause(
            name: "the hub's port is blocked while devices are connected",
            words: "^No device has reached UDP port 51820 of the hub for [0-9]+ s: a firewall blocks the port, or the hub is cut off",
            from: anna, to: bert,
            plant: {
                try clinic.hub.namespace.firewall(closed)
                // Two keepalives and a little more.
                sleep(.seconds(9))
            })
        return [never, again].map(clinic.judge)
    }

    /// A hub that only its own host can reach.
    static func runLocal(in lab: Lab) throws -> [Verdict] {
        let listen = "127.0.0.1:51820"
        let clinic = try Clinic(lab, try Hub(in: lab, listening: listen, "--wireguard", listen))
        let anna = try clinic.admit("anna"), bert = try clinic.admit("bert")
        for patient in [anna, bert] { try clinic.connect(patient) }
        return [
            clinic.judge(
                Cause(
                    name: "the hub listens on a loopback address", words: "^The hub's WireGuard listens on 127.0.0.1:51820 only", from: anna, to: bert
                ))
        ]
    }
}
