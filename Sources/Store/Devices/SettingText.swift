// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

// How the five settings stand in a column: lists as text with commas, "left out" as the empty text or 0, "the default" as NULL.

extension Row {
    mutating func allowedIPs() throws -> [IPPrefix] { try parsed("prefixes") { SettingText.entries($0) { IPPrefix($0) } } }
    mutating func tags() throws -> [Tag] { try parsed("tags") { SettingText.entries($0) { Tag($0) } } }
    mutating func dns() throws -> [DNSEntry] { try parsed("DNS entries") { SettingText.entries($0) { DNSEntry($0) } } }
    mutating func endpoint() throws -> HostPort? {
        try parsed("an endpoint") { text -> HostPort?? in text.isEmpty ? .some(nil) : HostPort(text).map(Optional.some) }
    }
    mutating func persistentKeepalive() throws -> UInt16 { UInt16(clamping: try integer()) }
    mutating func mtu() throws -> Int? {
        let bytes = Int(try integer())
        return bytes == 0 ? nil : bytes
    }

    /// `.inherit` for NULL.
    mutating func setting<Value>(_ read: (inout Row) throws -> Value) throws -> Setting<Value> {
        try optional { .own(try read(&$0)) } ?? .inherit
    }

    mutating func overrides() throws -> Overrides {
        try Overrides(
            allowedIPs: setting { try $0.allowedIPs() }, dns: setting { try $0.dns() }, endpoint: setting { try $0.endpoint() },
            persistentKeepalive: setting { try $0.persistentKeepalive() }, mtu: setting { try $0.mtu() })
    }
}

extension Setting {
    /// NULL for `.inherit`.
    func sqlValue(_ write: (Value) -> SQLValue) -> SQLValue {
        switch self {
        case .inherit: .null
        case .own(let value): write(value)
        }
    }
}

extension Overrides {
    /// The five columns in the order of the table.
    var sqlValues: [SQLValue] {
        [
            allowedIPs.sqlValue { .text(SettingText.list($0)) },
            dns.sqlValue { .text(SettingText.list($0)) },
            endpoint.sqlValue { .text(SettingText.endpoint($0)) },
            persistentKeepalive.sqlValue { .integer(Int64($0)) },
            mtu.sqlValue { .integer(Int64($0 ?? 0)) },
        ]
    }

    /// As the audit log shows them; null is the default.
    var auditDetails: AuditDetails {
        [
            "allowed_ips": allowedIPs.own.map(SettingText.list),
            "dns": dns.own.map(SettingText.list),
            "endpoint": endpoint.own.map(SettingText.endpoint),
            "persistent_keepalive": persistentKeepalive.own.map { "\($0)" },
            "mtu": mtu.own.map { $0.map { "\($0)" } ?? "" },
        ]
    }
}
