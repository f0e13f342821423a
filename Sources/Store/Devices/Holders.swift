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
            })
    }
}
