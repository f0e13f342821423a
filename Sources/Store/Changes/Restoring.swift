// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Names
import Net

// Converts the text of an audit entry back to a field. The reverse of `auditDetails`.

extension Device {
    /// Sets a field to the value in the audit log. Returns false if the log does not contain the field or the text is not valid.
    mutating func restore(_ field: String, _ value: String?) -> Bool {
        switch field {
        case "name": read(value, into: \.name) { $0 }
        case "description": read(value, into: \.description) { $0 }
        case "tags": read(value, into: \.tags) { ListText.entries($0) { Tag($0) } }
        case "enabled": read(value, into: \.enabled) { Bool($0) }
        case "routes": read(value, into: \.routes) { ListText.entries($0) { IPPrefix($0) } }
        case "expires_at": readOptional(value, into: \.expiresAt) { Int64($0).map(UnixTime.init(seconds:)) }
        case "ipv4": readOptional(value, into: \.ipv4) { IPAddress($0) }
        case "ipv6": readOptional(value, into: \.ipv6) { IPAddress($0) }
        default: overrides.restore(field, value)
        }
    }

    private mutating func read<Value>(_ text: String?, into path: WritableKeyPath<Device, Value>, _ parse: (String) -> Value?) -> Bool {
        guard let value = text.flatMap(parse) else { return false }
        self[keyPath: path] = value
        return true
    }

    private mutating func readOptional<Value>(
        _ text: String?, into path: WritableKeyPath<Device, Value?>, _ parse: (String) -> Value?
    ) -> Bool {
        let value = text.flatMap(parse)
        self[keyPath: path] = value
        return (value == nil) == (text == nil)
    }
}

extension Hub {
    /// Sets a field of the hub like the one of a device.
    mutating func restore(_ field: String, _ value: String?) -> Bool {
        switch field {
        case "name":
            guard let value else { return false }
            name = value
        case "network": ipv4Network = value.flatMap { IPPrefix($0) }
        case "network6": ipv6Network = value.flatMap { IPPrefix($0) }
        case "address": ipv4 = value.flatMap { IPAddress($0) }
        case "address6": ipv6 = value.flatMap { IPAddress($0) }
        case "portal_url": portalURL = value
        case "domain": naming.domain = value.flatMap { DomainName($0) }
        case "records":
            guard let records = ListText.entries(value ?? "", { NameRecord($0) }) else { return false }
            naming.records = records
        default: return false
        }
        return true
    }
}

extension Overrides {
    /// Sets a setting like the field of a device; nil means the default.
    mutating func restore(_ field: String, _ value: String?) -> Bool {
        guard let name = SettingName(rawValue: field) else { return false }
        if let value { return name.read(value, into: &self) == nil }
        name.inherit(in: &self)
        return true
    }
}
