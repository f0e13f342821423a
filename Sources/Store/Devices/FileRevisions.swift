// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension Row {
    mutating func settingRevisions() throws -> SettingRevisions {
        try SettingRevisions(
            allowedIPs: integer(), dns: integer(), endpoint: integer(), persistentKeepalive: integer(), mtu: integer())
    }

    mutating func fileRevisions() throws -> FileRevisions {
        try FileRevisions(addresses: integer(), key: integer(), presharedKey: integer(), settings: settingRevisions())
    }
}

extension SettingRevisions {
    /// The five columns in the order of the tables.
    var sqlValues: [SQLValue] { [allowedIPs, dns, endpoint, persistentKeepalive, mtu].map { .integer($0) } }
}

extension FileRevisions {
    /// The eight columns in the order of the table.
    var sqlValues: [SQLValue] { [addresses, key, presharedKey].map { .integer($0) } + settings.sqlValues }
}
