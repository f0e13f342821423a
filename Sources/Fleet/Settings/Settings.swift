// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// What a device takes from the defaults unless it has its own.
public struct Settings: Hashable, Sendable {
    /// All of them, in the order of the pages. A new setting is a type in this list and a property here and in `Overrides`.
    static let kinds: [any SettingKind.Type] = [AllowedIPs.self, PersistentKeepalive.self, Endpoint.self, DNS.self, MTU.self, Table.self]

    /// Entries of one list, of allowed IPs or DNS; a file with more is a mistake.
    public static let maximumEntries = 512

    /// What a device may reach through the hub.
    public var allowedIPs: [IPPrefix]
    /// Seconds between keepalives; 0 is off.
    public var persistentKeepalive: UInt16
    /// What devices dial; nil leaves the line out. Without a port the hub's UDP port is meant.
    public var endpoint: HostPort?
    /// The `DNS` line; empty leaves it out.
    public var dns: [DNSEntry]
    /// Bytes, 576–1500; nil leaves the line out.
    public var mtu: Int?
    /// Whether wg-quick makes routes for the allowed IPs.
    public var table: RoutingTable

    public init(
        allowedIPs: [IPPrefix] = [], dns: [DNSEntry] = [], endpoint: HostPort? = nil, persistentKeepalive: UInt16 = 0, mtu: Int? = nil,
        table: RoutingTable = .auto
    ) {
        self.allowedIPs = allowedIPs
        self.dns = dns
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
        self.table = table
    }

    /// What breaks a rule.
    public var errors: [FieldError] { Overrides(owning: self).errors }
}

/// What a device sets of its own; everything else follows the defaults.
public struct Overrides: Hashable, Sendable {
    public var allowedIPs: Setting<[IPPrefix]>
    public var dns: Setting<[DNSEntry]>
    public var endpoint: Setting<HostPort?>
    public var persistentKeepalive: Setting<UInt16>
    public var mtu: Setting<Int?>
    public var table: Setting<RoutingTable>

    public init(
        allowedIPs: Setting<[IPPrefix]> = .inherit, dns: Setting<[DNSEntry]> = .inherit, endpoint: Setting<HostPort?> = .inherit,
        persistentKeepalive: Setting<UInt16> = .inherit, mtu: Setting<Int?> = .inherit, table: Setting<RoutingTable> = .inherit
    ) {
        self.allowedIPs = allowedIPs
        self.dns = dns
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
        self.table = table
    }

    /// Everything of its own.
    public init(owning settings: Settings) {
        self.init()
        for name in SettingName.allCases { name.own(settings, in: &self) }
    }

    /// The settings that hold: own over default.
    public func resolved(over defaults: Settings) -> Settings {
        var settings = defaults
        for name in SettingName.allCases { name.put(self, over: &settings) }
        return settings
    }

    /// What breaks a rule in the device's own settings.
    public var errors: [FieldError] {
        SettingName.allCases.compactMap { name in name.problem(in: self).map { FieldError(name.rawValue, $0) } }
    }
}

/// Where one setting of a device comes from.
public enum Setting<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The default, whatever it becomes.
    case inherit
    /// The device's own. An empty value means that the feature is off for this device.
    case own(Value)

    /// The device's own value, else `fallback`.
    public func resolved(over fallback: Value) -> Value {
        switch self {
        case .inherit: fallback
        case .own(let value): value
        }
    }

    /// True for `.inherit`.
    public var isInherited: Bool {
        if case .inherit = self { true } else { false }
    }

    /// The device's own value; nil where it follows the default.
    public var own: Value? {
        if case .own(let value) = self { value } else { nil }
    }
}
