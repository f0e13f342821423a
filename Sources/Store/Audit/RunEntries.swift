// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

// Starts and stops of the hub in the audit log. They also tell commands where the hub listened last.

extension WriteTransaction {
    /// Records `hub.start` or `hub.stop` with the version and the UDP port of WireGuard.
    public func recordRun(_ action: String, version: String, wireguardPort: UInt16, at now: UnixTime) throws {
        try record(action, target: "hub", after: ["version": version, "wireguard_port": "\(wireguardPort)"], by: .system, at: now)
    }
}

extension ReadTransaction {
    /// The port of the newest such entry; nil if there is none, or if it is of a version that did not record the port.
    public func lastWireGuardPort() throws -> UInt16? {
        let text = try connection.first(
            """
            SELECT json_extract(after, '$.wireguard_port') FROM audit_log
            WHERE target = 'hub' AND action IN ('hub.start', 'hub.stop') ORDER BY number DESC LIMIT 1
            """
        ) { try $0.optional { try $0.text() } }
        return text?.flatMap { UInt16($0) }
    }
}
