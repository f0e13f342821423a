// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// Devices and settings as the API represents them (Documentation/contract.md section 5).
enum DeviceJSON {
    /// In the settings, null means the default. An empty value, or 0 for the MTU, means that the feature is off.
    static func object(_ sight: DeviceSight) -> JSON {
        let device = sight.device
        let identity: JSON = [
            "id": .string(device.id), "name": .string(device.name), "description": .string(device.description), "tags": list(device.tags),
            "enabled": .bool(device.enabled),
            "expires_at": time(device.expiresAt), "public_key": .string(device.publicKey.base64),
            "has_preshared_key": .bool(device.hasPresharedKey), "keeps_private_key": .bool(device.hasPrivateKey), "ipv4": text(device.ipv4),
            "ipv6": text(device.ipv6), "routes": list(device.routes),
        ]
        let own = JSON.object(SettingName.allCases.map { ($0.rawValue, $0.json(in: device.overrides)) })
        let state: JSON = [
            "effective": .object(settings(sight.settings)),
            "config_stale": .bool(device.isConfigStale), "revision": .integer(device.revision), "created_at": time(device.createdAt),
            "updated_at": time(device.updatedAt),
            "status": [
                "state": .string(sight.state.rawValue), "endpoint": text(sight.endpoint), "last_handshake_at": time(sight.handshake),
                "received_bytes": count(sight.received), "sent_bytes": count(sight.sent), "applied": .bool(sight.isApplied),
                "contested": .array(sight.contested.map { .string($0.description) }),
            ],
        ]
        return identity.adding(own).adding(state)
    }

    static func settings(_ settings: Settings) -> [(String, JSON)] { SettingName.allCases.map { ($0.rawValue, $0.json(in: settings)) } }

    /// A strong tag that changes only with the settings; live counters do not change it.
    static func entityTag(_ revision: Int64) -> String { "\"\(revision)\"" }

    static func time(_ time: UnixTime?) -> JSON { time.map { .string($0.iso) } ?? .null }

    static func count(_ number: UInt64) -> JSON { .integer(Int64(clamping: number)) }

    private static func list(_ values: [some CustomStringConvertible]) -> JSON { .array(values.map { .string($0.description) }) }
    private static func text(_ value: (some CustomStringConvertible)?) -> JSON { value.map { .string($0.description) } ?? .null }
}
