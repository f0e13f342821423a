// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension ReadTransaction {
    /// Looks up which other device has a name, key, address or route. `id` is the device being changed; nil for a new one.
    func holders(besides id: String?) -> DeviceRules.Holders {
        func holder(_ column: String, _ value: SQLValue) throws -> String? {
            try connection.first("SELECT name FROM devices WHERE \(column) = ? AND id <> ?", [value, .text(id ?? "")]) { try $0.text() }
        }
        return DeviceRules.Holders(
            ofName: { try holder("name_key", .text($0)) }, ofPublicKey: { try holder("public_key", .key($0)) },
            ofAddress: { try holder($0.isV4 ? "ipv4" : "ipv6", .blob($0.bytes)) },
            ofRoute: { route in
                try self.connection.first(
                    """
                    SELECT devices.name FROM device_routes JOIN devices ON devices.id = device_routes.device_id
                    WHERE address = ? AND length = ? AND device_id <> ?
                    """,
                    [.blob(route.address.bytes), .integer(Int64(route.length)), .text(id ?? "")]
                ) { try $0.text() }
            },
            ofAddressIn: { range in
                let column = range.address.isV4 ? "ipv4" : "ipv6"
                return try self.connection.first(
                    "SELECT name, \(column) FROM devices WHERE \(column) BETWEEN ? AND ? AND id <> ? ORDER BY \(column) LIMIT 1",
                    [.blob(range.address.bytes), .blob(range.last.bytes), .text(id ?? "")]
                ) { (try $0.text(), try $0.address()) }
            }, ofRouteOverlapping: { try self.routeOverlapping($0, besides: id) })
    }

    /// The first route that shares addresses with `range`, and the name of its device. `id` is a device that does not count.
    func routeOverlapping(_ range: IPPrefix, besides id: String?) throws -> (name: String, route: IPPrefix)? {
        // Two ranges share addresses only if one contains the other. The ones around `range` have its first bits.
        let around = (0...range.length).compactMap { IPPrefix(range.address, length: $0) }
        let values = around.map { _ in "(?, ?)" }.joined(separator: ", ")
        return try connection.first(
            """
            SELECT devices.name, found.address, found.length FROM (
                SELECT address, length, device_id FROM device_routes
                WHERE address BETWEEN ?2 AND ?3 AND length(address) = length(?2) AND length >= ?4
                UNION SELECT address, length, device_id FROM device_routes WHERE (address, length) IN (VALUES \(values))
            ) AS found JOIN devices ON devices.id = found.device_id
            WHERE devices.id <> ?1 ORDER BY found.address, found.length LIMIT 1
            """,
            [.text(id ?? ""), .blob(range.address.bytes), .blob(range.last.bytes), .integer(Int64(range.length))]
                + around.flatMap { [SQLValue.blob($0.address.bytes), .integer(Int64($0.length))] }
        ) { (try $0.text(), try $0.route()) }
    }
}
