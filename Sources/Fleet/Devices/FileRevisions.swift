// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The generation that changed each of the five settings last.
public struct SettingRevisions: Hashable, Sendable {
    /// One for each setting of `Settings`.
    public var allowedIPs: Int64
    public var dns: Int64
    public var endpoint: Int64
    public var persistentKeepalive: Int64
    public var mtu: Int64

    public init(allowedIPs: Int64, dns: Int64, endpoint: Int64, persistentKeepalive: Int64, mtu: Int64) {
        self.allowedIPs = allowedIPs
        self.dns = dns
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
    }

    /// The greatest.
    public var newest: Int64 { max(allowedIPs, dns, endpoint, persistentKeepalive, mtu) }

    /// Those of a device whose own they are: a setting that follows its default is as new as the default.
    public func following(_ defaults: SettingRevisions, where overrides: Overrides) -> SettingRevisions {
        SettingRevisions(
            allowedIPs: overrides.allowedIPs.isInherited ? max(allowedIPs, defaults.allowedIPs) : allowedIPs,
            dns: overrides.dns.isInherited ? max(dns, defaults.dns) : dns,
            endpoint: overrides.endpoint.isInherited ? max(endpoint, defaults.endpoint) : endpoint,
            persistentKeepalive: overrides.persistentKeepalive.isInherited
                ? max(persistentKeepalive, defaults.persistentKeepalive) : persistentKeepalive,
            mtu: overrides.mtu.isInherited ? max(mtu, defaults.mtu) : mtu)
    }

    /// With `generation` for each setting that differs.
    public func changed(from old: Settings, to new: Settings, in generation: Int64) -> SettingRevisions {
        SettingRevisions(
            allowedIPs: old.allowedIPs != new.allowedIPs ? generation : allowedIPs,
            dns: old.dns != new.dns ? generation : dns,
            endpoint: old.endpoint != new.endpoint ? generation : endpoint,
            persistentKeepalive: old.persistentKeepalive != new.persistentKeepalive ? generation : persistentKeepalive,
            mtu: old.mtu != new.mtu ? generation : mtu)
    }
}

/// The generation that changed each part of a device's file last: by itself or by a default it follows.
public struct FileRevisions: Hashable, Sendable {
    /// The device's own addresses.
    public var addresses: Int64
    /// Its pair of keys.
    public var key: Int64
    /// Its preshared key.
    public var presharedKey: Int64
    /// The five settings.
    public var settings: SettingRevisions

    /// The revision of the file as a whole.
    public var newest: Int64 { max(addresses, key, presharedKey, settings.newest) }

    /// All in one generation, as for a device that is new.
    public init(all generation: Int64) {
        let settings = SettingRevisions(
            allowedIPs: generation, dns: generation, endpoint: generation, persistentKeepalive: generation, mtu: generation)
        self.init(addresses: generation, key: generation, presharedKey: generation, settings: settings)
    }

    public init(addresses: Int64, key: Int64, presharedKey: Int64, settings: SettingRevisions) {
        self.addresses = addresses
        self.key = key
        self.presharedKey = presharedKey
        self.settings = settings
    }
}
