// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The five settings that a device takes from the defaults unless it has its own.
public struct Settings: Hashable, Sendable {
    /// Entries of one list, of allowed IPs or DNS; a file with more is a mistake.
    public static let maximumEntries = 512

    /// What a device may reach through the hub.
    public var allowedIPs: [IPPrefix]
    /// The `DNS` line; empty leaves it out.
    public var dns: [DNSEntry]
    /// What devices dial; nil leaves the line out. Without a port the hub's UDP port is meant.
    public var endpoint: HostPort?
    /// Seconds between keepalives; 0 is off.
    public var persistentKeepalive: UInt16
    /// Bytes, 576–1500; nil leaves the line out.
    public var mtu: Int?

    public init(
        allowedIPs: [IPPrefix] = [], dns: [DNSEntry] = [], endpoint: HostPort? = nil, persistentKeepalive: UInt16 = 0, mtu: Int? = nil
    ) {
        self.allowedIPs = allowedIPs
        self.dns = dns
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
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
}

/// What a device sets of its own; everything else follows the defaults.
public struct Overrides: Hashable, Sendable {
    public var allowedIPs: Setting<[IPPrefix]>
    public var dns: Setting<[DNSEntry]>
    public var endpoint: Setting<HostPort?>
    public var persistentKeepalive: Setting<UInt16>
    public var mtu: Setting<Int?>

    public init(
        allowedIPs: Setting<[IPPrefix]> = .inherit, dns: Setting<[DNSEntry]> = .inherit, endpoint: Setting<HostPort?> = .inherit,
        persistentKeepalive: Setting<UInt16> = .inherit, mtu: Setting<Int?> = .inherit
    ) {
        self.allowedIPs = allowedIPs
        self.dns = dns
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
    }

    /// The settings that hold: own over default.
    public func resolved(over defaults: Settings) -> Settings {
        Settings(
            allowedIPs: allowedIPs.resolved(over: defaults.allowedIPs),
            dns: dns.resolved(over: defaults.dns),
            endpoint: endpoint.resolved(over: defaults.endpoint),
            persistentKeepalive: persistentKeepalive.resolved(over: defaults.persistentKeepalive),
            mtu: mtu.resolved(over: defaults.mtu))
    }
}

/// One entry of the `DNS` line: a server's address or a search domain, as wg-quick(8) takes them.
public enum DNSEntry: Hashable, Sendable, LosslessStringConvertible {
    case server(IPAddress)
    case searchDomain(String)

    /// Nil for anything that is neither an address nor a host name of RFC 1123 2.1.
    public init?(_ text: String) {
        if let address = IPAddress(text) {
            self = .server(address)
        } else if let name = HostPort(text), name.port == nil, name.host == text {
            self = .searchDomain(text)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .server(let address): address.description
        case .searchDomain(let name): name
        }
    }
}

extension Overrides {
    /// Everything of its own.
    public init(owning settings: Settings) {
        self.init(
            allowedIPs: .own(settings.allowedIPs), dns: .own(settings.dns), endpoint: .own(settings.endpoint),
            persistentKeepalive: .own(settings.persistentKeepalive), mtu: .own(settings.mtu))
    }
}

extension Setting {
    /// The device's own value; nil where it follows the default.
    public var own: Value? {
        if case .own(let value) = self { value } else { nil }
    }
}
