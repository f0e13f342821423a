// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension Database {
    /// Disables those of these devices whose key two machines use and whose setting is `suspend`. Each is a separate change by
    /// `Author.copiedKey` and can be undone. Only reads if there is none.
    public func suspend(_ contested: [PublicKey: [Endpoint]], at now: UnixTime) throws {
        guard !contested.isEmpty else { return }
        let devices = try read { transaction in
            let defaults = try transaction.defaults()
            return try contested.keys.compactMap { try transaction.device(publicKey: $0) }.filter {
                $0.isActive(at: now) && $0.settings(over: defaults).copiedKey == .suspend
            }
        }
        for device in devices.sorted(by: { $0.id < $1.id }) {
            try change(by: .copiedKey, at: now) { transaction in
                // Removed, disabled or given another key in the meantime.
                guard let current = try transaction.device(publicKey: device.publicKey), current.enabled else { return }
                try transaction.suspend(current, because: contested[device.publicKey] ?? [])
            }
        }
    }
}

extension ChangeTransaction {
    /// Disables a device because two machines use its key, at these endpoints.
    func suspend(_ device: Device, because endpoints: [Endpoint]) throws {
        try edit(device.id, DeviceEdit(enabled: false))
        try noteChange("device.suspend", target: "device/\(device.id)") {
            (before: [:], after: ["name": device.name, "endpoints": endpoints.map(\.description).joined(separator: ", ")])
        }
    }
}
