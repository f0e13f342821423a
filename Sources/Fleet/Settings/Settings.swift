// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The settings that a device takes from the defaults unless it overrides them.
public struct Settings: Hashable, Sendable {
    /// All settings, in the order of the pages. To add one, add a type to this list and a property here and in `Overrides`.
    static let kinds: [any SettingKind.Type] = [
        AllowedIPs.self, PersistentKeepalive.self, Endpoint.self, DNS.self, MTU.self, Table.self, CopiedKey.self,
    ]

    /// The maximum number of entries in a list of allowed IPs or DNS servers. A longer list is most likely a mistake.
    public static let maximumEntries = 512

    /// The networks and addresses that a device may reach through the hub.
    public var allowedIPs: [IPPrefix]
    /// Seconds between keepalives; 0 means off.
    public var persistentKeepalive: UInt16
    /// The host and port that devices connect to; nil omits the line. Without a port, the hub's UDP port is used.
    public var endpoint: HostPort?
    /// The `DNS` line; an empty list omits it.
    public var dns: [DNSEntry]
    /// Bytes, 576–1500; nil omits the line.
    public var mtu: Int?
    /// Whether wg-quick adds routes for the allowed IPs.
    public var table: RoutingTable
    /// What the hub does when two machines use one key.
    public var copiedKey: CopiedKeyPolicy

    public init(
        allowedIPs: [IPPrefix] = [], dns: [DNSEntry] = [], endpoint: HostPort? = nil, persistentKeepalive: UInt16 = 0, mtu: Int? = nil,
        table: RoutingTable = .auto, copiedKey: CopiedKeyPolicy = .tell
    ) {
        self.allowedIPs = allowedIPs
        self.dns = dns
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
        self.table = table
        self.copiedKey = copiedKey
    }

    /// The settings that break a rule.
    public var errors: [FieldError] { Overrides(owning: self).errors }
}

/// The settings that a device overrides. All others follow the defaults.
public struct Overrides: Hashable, Sendable {
    public var allowedIPs: Setting<[IPPrefix]>
    public var dns: Setting<[DNSEntry]>
    public var endpoint: Setting<HostPort?>
    public var persistentKeepalive: Setting<UInt16>
    public var mtu: Setting<Int?>
    public var table: Setting<RoutingTable>
    public var copiedKey: Setting<CopiedKeyPolicy>

    public init(
        allowedIPs: Setting<[IPPrefix]> = .inherit, dns: Setting<[DNSEntry]> = .inherit, endpoint: Setting<HostPort?> = .inherit,
        persistentKeepalive: Setting<UInt16> = .inherit, mtu: Setting<Int?> = .inherit, table: Setting<RoutingTable> = .inherit,
        copiedKey: Setting<CopiedKeyPolicy> = .inherit
    ) {
        self.allowedIPs = allowedIPs
        self.dns = dns
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
        self.table = table
        self.copiedKey = copiedKey
    }

    /// Overrides all settings with the given values.
    public init(owning settings: Settings) {
        self.init()
        for name in SettingName.allCases { name.own(settings, in: &self) }
    }

    /// The effective settings: the own value, otherwise the default.
    public func resolved(over defaults: Settings) -> Settings {
        var settings = defaults
        for name in SettingName.allCases { name.put(self, over: &settings) }
        return settings
    }

    /// The overridden settings that break a rule.
    public var errors: [FieldError] {
        SettingName.allCases.compactMap { name in name.problem(in: self).map { FieldError(name.rawValue, $0) } }
    }
}

/// The source of one of a device's settings.
public enum Setting<Value: Hashable & Sendable>: Hashable, Sendable {
    /// Follows the default, including later changes to it.
    case inherit
    /// The device's own value. An empty value turns the feature off for this device.
    case own(Value)

    /// The device's own value, otherwise `fallback`.
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

    /// The device's own value; nil if it follows the default.
    public var own: Value? {
        if case .own(let value) = self { value } else { nil }
    }
}

/// The settings that devices use unless they override them.
public struct Defaults: Hashable, Sendable {
    /// One value for each setting.
    public var settings: Settings
    /// The generation that last changed the defaults. Pass it back with an edit; an outdated value is refused.
    public let revision: Int64
    /// For each setting, the generation that last changed its default.
    public let fieldRevisions: SettingRevisions
    /// The endpoint that an administrator confirmed, although the Internet does not route it; nil if there is none.
    public let confirmedEndpoint: HostPort?

    public init(settings: Settings, revision: Int64, fieldRevisions: SettingRevisions, confirmedEndpoint: HostPort? = nil) {
        self.confirmedEndpoint = confirmedEndpoint
        self.settings = settings
        self.revision = revision
        self.fieldRevisions = fieldRevisions
    }
}
