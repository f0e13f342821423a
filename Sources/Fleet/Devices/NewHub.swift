// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A hub to be made, with the defaults that go with it.
public struct NewHub: Sendable {
    /// What a hub is called that nobody named.
    public static let usualName = "Hairpin"
    /// Seconds; holds the mapping of most routers open (WireGuard's own advice).
    static let usualKeepalive: UInt16 = 25

    /// What the portal calls it, 1–64 characters.
    public var name = usualName
    /// Its public half stands in every device's file.
    public var privateKey: PrivateKey
    /// The networks that devices live in; nil for a hub without that family.
    public var ipv4Network: IPPrefix?
    /// The same for IPv6.
    public var ipv6Network: IPPrefix?
    /// Nil: the first address of its network.
    public var ipv4: IPAddress?
    /// The same for IPv6.
    public var ipv6: IPAddress?
    /// What devices follow that have nothing of their own.
    public var defaults: Settings

    /// What a first start makes of what it was given: the networks, or usual ones that hide none of `taken` from the devices that live there;
    /// the endpoint that devices dial, or the first of the host's `addresses`, the likeliest of them. Devices reach each other, and nothing else.
    public init(
        privateKey: PrivateKey = .generate(), ipv4Network: IPPrefix? = nil, ipv6Network: IPPrefix? = nil, endpoint: HostPort? = nil,
        addresses: [IPAddress], besides taken: [IPPrefix]
    ) {
        let (v4, v6) = (ipv4Network ?? Hub.usualNetwork(.v4, besides: taken), ipv6Network ?? Hub.usualNetwork(.v6, besides: taken))
        self.privateKey = privateKey
        self.ipv4Network = v4
        self.ipv6Network = v6
        defaults = Settings(
            allowedIPs: [v4, v6], endpoint: endpoint ?? addresses.first.map { HostPort(host: $0.description, port: nil) },
            persistentKeepalive: Self.usualKeepalive)
    }
}
