// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A hub to be created, with its defaults.
public struct NewHub: Sendable {
    /// The name of a hub that was not given one.
    public static let usualName = "Hairpin"
    /// Seconds. Keeps the NAT mapping open on most routers (WireGuard's own recommendation).
    static let usualKeepalive: UInt16 = 25

    /// The name shown in the portal, 1–64 characters.
    public var name = usualName
    /// The private key. Device files contain its public key.
    public var privateKey: PrivateKey
    /// The networks for devices; nil for a hub without that address family.
    public var ipv4Network: IPPrefix?
    /// The IPv6 network; nil for a hub without IPv6.
    public var ipv6Network: IPPrefix?
    /// Nil means the first address of the network.
    public var ipv4: IPAddress?
    /// The hub's IPv6 address. Nil means the first address of the network.
    public var ipv6: IPAddress?
    /// The settings of devices that override nothing.
    public var defaults: Settings

    /// Creates the hub for a first start. Networks that are not given are default networks that do not overlap `taken`, so that devices
    /// keep access to those; if `isWithoutIPv6`, there is none of that family. If no endpoint is given, it is the first of the host's `addresses`, the most likely one. By default, devices
    /// reach each other and nothing else.
    public init(
        privateKey: PrivateKey = .generate(), ipv4Network: IPPrefix? = nil, ipv6Network: IPPrefix? = nil, isWithoutIPv6: Bool = false,
        endpoint: HostPort? = nil, addresses: [IPAddress], besides taken: [IPPrefix]
    ) {
        let v4 = ipv4Network ?? Hub.usualNetwork(.v4, besides: taken)
        let v6 = isWithoutIPv6 ? nil : ipv6Network ?? Hub.usualNetwork(.v6, besides: taken)
        self.privateKey = privateKey
        self.ipv4Network = v4
        self.ipv6Network = v6
        defaults = Settings(
            allowedIPs: [v4, v6].compactMap { $0 }, endpoint: endpoint ?? addresses.first.map { HostPort(host: $0.description, port: nil) },
            persistentKeepalive: Self.usualKeepalive)
    }
}
