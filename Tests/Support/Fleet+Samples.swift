// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Names
import Net

extension Device {
    /// A device in 10.3.2.0/24. `name` is its id and name. `number` is the last byte of its address, and its key is derived from it.
    public static func sample(
        _ name: String, _ number: UInt8, enabled: Bool = true, expiresAt: UnixTime? = nil, ipv4: String? = "", ipv6: String? = nil,
        routes: [String] = [], reaching allowed: [String]? = nil, tags: [String] = [], fetched: Bool = false,
        keyRevision: Int64 = 1, createdAt: Int64 = 0
    ) -> Device {
        var revisions = FileRevisions(all: 1)
        revisions.key = keyRevision
        let allowedIPs: Setting<[IPPrefix]> = allowed.map { .own($0.compactMap { IPPrefix($0) }) } ?? .inherit
        return Device(
            id: name, name: name, description: "", tags: tags.compactMap { Tag($0) }, enabled: enabled, expiresAt: expiresAt,
            publicKey: PublicKey(Array(repeating: number, count: 32))!, hasPrivateKey: true, hasPresharedKey: false,
            ipv4: ipv4.flatMap { IPAddress($0.isEmpty ? "10.3.2.\(number)" : $0) }, ipv6: ipv6.flatMap { IPAddress($0) },
            routes: routes.compactMap { IPPrefix($0) }, overrides: Overrides(allowedIPs: allowedIPs), revision: 1,
            createdAt: UnixTime(seconds: createdAt), updatedAt: UnixTime(seconds: 0), fileRevisions: revisions,
            fetchedConfigRevision: fetched ? 1 : nil, fetchedAt: fetched ? UnixTime(seconds: 0) : nil)
    }
}

extension Hub {
    /// The hub of 10.3.2.0/24 and fd00::3:2:0/120.
    public static func sample(domain: String? = "hairpin.internal", records: [String] = []) -> Hub {
        Hub(
            name: "hub", publicKey: PublicKey(Array(repeating: 200, count: 32))!, ipv4Network: "10.3.2.0/24", ipv6Network: "fd00::3:2:0/120",
            ipv4: "10.3.2.1", ipv6: "fd00::3:2:1", portalURL: nil,
            naming: Naming(domain: domain.flatMap { DomainName($0) }, records: records.compactMap { NameRecord($0) }), revision: 1)
    }
}

extension Overview {
    /// A complete fleet without a database. Its devices follow the defaults: the whole tunnel network, and keepalive 25.
    public static func sample(
        _ devices: [Device], allowedIPs: [String] = ["10.3.2.0/24", "fd00::3:2:0/120"], status: HubStatus = HubStatus(),
        generation: Generation = Generation(desired: 1, applied: 1, appliedAt: nil), keepalive: UInt16 = 25,
        endpoint: HostPort? = nil, dns: [String] = [], now: UnixTime = UnixTime(seconds: 1_800_000_000)
    ) -> Overview {
        let settings = Settings(
            allowedIPs: allowedIPs.compactMap { IPPrefix($0) }, dns: dns.compactMap { DNSEntry($0) }, endpoint: endpoint,
            persistentKeepalive: keepalive)
        let revisions = FileRevisions(all: 1).settings
        return Overview(
            hub: .sample(), defaults: Defaults(settings: settings, revision: 1, fieldRevisions: revisions), index: DeviceIndex(devices),
            generation: generation, status: status, rates: Rates(), cache: ReachabilityCache(), now: now)
    }
}

extension HubStatus {
    /// A status in which the hub heard from these devices `ago` seconds before `now`.
    public static func hearing(_ devices: [Device], ago: Int64 = 4, now: UnixTime = UnixTime(seconds: 1_800_000_000)) -> HubStatus {
        let at = now.adding(seconds: -ago)
        return HubStatus(
            peers: Dictionary(
                uniqueKeysWithValues: devices.map {
                    ($0.publicKey, PeerSight(publicKey: $0.publicKey, endpoint: Endpoint("198.51.100.7:40000"), lastHandshakeAt: at, lastSeenAt: at))
                }))
    }
}

extension ClientConfig {
    /// A file with every line that a device usually has.
    public static func sample(
        privateKey: PrivateKey? = PrivateKey(Array(repeating: 1, count: 32)), addresses: [String] = ["10.3.2.2", "fd00::3:2:2"],
        dns: [String] = [], mtu: Int? = nil, presharedKey: PresharedKey? = nil, allowedIPs: [String] = ["10.3.2.3"],
        endpoint: String? = "hub.example.org:51820", persistentKeepalive: UInt16 = 25
    ) -> ClientConfig {
        ClientConfig(
            privateKey: privateKey, addresses: addresses.compactMap { IPAddress($0) },
            settings: Settings(
                allowedIPs: allowedIPs.compactMap { IPPrefix($0) }, dns: dns.compactMap { DNSEntry($0) }, endpoint: endpoint.flatMap { HostPort($0) },
                persistentKeepalive: persistentKeepalive, mtu: mtu),
            hubKey: PublicKey(Array(repeating: 2, count: 32))!, hubPort: 51820, presharedKey: presharedKey)
    }
}
