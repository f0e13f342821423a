// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

extension ReadTransaction {
    /// The traffic history of a device. Empty if there was no traffic.
    public func traffic(ofDevice id: String) throws -> TrafficHistory {
        var rings = Dictionary(uniqueKeysWithValues: TrafficRing.Resolution.allCases.map { ($0, TrafficRing($0)) })
        try connection.forEach("SELECT step, newest, cells FROM traffic WHERE device_id = ?", [.text(id)]) {
            let step = try $0.integer()
            guard let resolution = TrafficRing.Resolution.allCases.first(where: { $0.step == step }) else { return true }
            rings[resolution] = try TrafficRing(resolution, newest: $0.integer(), bytes: $0.blob())
            return true
        }
        return TrafficHistory(rings: rings)
    }

    /// The traffic of a device at one resolution. Traffic that is not yet added to this resolution is missing.
    public func trafficRing(ofDevice id: String, _ resolution: TrafficRing.Resolution) throws -> TrafficRing {
        let stored = try connection.first(
            "SELECT newest, cells FROM traffic WHERE device_id = ? AND step = ?", [.text(id), .integer(resolution.step)]
        ) { try TrafficRing(resolution, newest: $0.integer(), bytes: $0.blob()) }
        return stored ?? TrafficRing(resolution)
    }

    /// The traffic of several devices at one resolution, read with one query. Devices without traffic are missing.
    public func trafficRings(ofDevices ids: [String], _ resolution: TrafficRing.Resolution) throws -> [String: TrafficRing] {
        guard !ids.isEmpty else { return [:] }
        let places = Array(repeating: "?", count: ids.count).joined(separator: ", ")
        let rows = try connection.all(
            "SELECT device_id, newest, cells FROM traffic WHERE step = ? AND device_id IN (\(places))",
            [.integer(resolution.step)] + ids.map(SQLValue.text)
        ) { (try $0.text(), try TrafficRing(resolution, newest: $0.integer(), bytes: $0.blob())) }
        return Dictionary(uniqueKeysWithValues: rows)
    }
}

extension WriteTransaction {
    /// Adds the traffic of devices since the last call to the minute `minute` (Unix seconds / 60). Ignores keys that no device has.
    public func recordTraffic(_ traffic: some Sequence<(PublicKey, TrafficCell)>, minute: Int64) throws {
        for (key, cell) in traffic {
            guard let id = try connection.first("SELECT id FROM devices WHERE public_key = ?", [.key(key)], { try $0.text() }) else { continue }
            var history = TrafficHistory()
            try history.add(cell, at: minute) { try trafficRing(ofDevice: id, $0) }
            for resolution in history.changed {
                guard let ring = history.rings[resolution], let newest = ring.newest else { continue }
                try connection.execute(
                    """
                    INSERT INTO traffic (device_id, step, newest, cells) VALUES (?, ?, ?, ?)
                    ON CONFLICT (device_id, step) DO UPDATE SET newest = excluded.newest, cells = excluded.cells
                    """,
                    [.text(id), .integer(resolution.step), .integer(newest), .blob(ring.bytes)])
            }
        }
    }
}
