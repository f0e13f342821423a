// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// The hub itself: its name, its public key and the networks of its devices. Contains no secrets.
public struct Hub: Hashable, Sendable {
    /// The name shown in the portal, 1–64 characters.
    public var name: String
    /// The public key that device files contain. It never changes.
    public let publicKey: PublicKey
    /// The network for IPv4 addresses; nil for a hub without IPv4.
    public var ipv4Network: IPPrefix?
    /// The network for IPv6 addresses; nil for a hub without IPv6.
    public var ipv6Network: IPPrefix?
    /// The hub's own addresses, one in each of its networks.
    public var ipv4: IPAddress?
    public var ipv6: IPAddress?
    /// The URL of the portal, such as `https://hub.example.org`; nil until it is set.
    public var portalURL: String?
    /// The names that the hub answers for.
    public var naming: Naming
    /// The generation that last changed the hub. Pass it back with an edit; an outdated value is refused.
    public let revision: Int64

    public init(
        name: String, publicKey: PublicKey, ipv4Network: IPPrefix?, ipv6Network: IPPrefix?, ipv4: IPAddress?, ipv6: IPAddress?, portalURL: String?,
        naming: Naming = Naming(), revision: Int64
    ) {
        self.name = name
        self.publicKey = publicKey
        self.ipv4Network = ipv4Network
        self.ipv6Network = ipv6Network
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.portalURL = portalURL
        self.naming = naming
        self.revision = revision
    }
}

extension Hub {
    /// The hub's networks, IPv4 first.
    public var networks: [IPPrefix] { [ipv4Network, ipv6Network].compactMap { $0 } }

    /// The hub's own addresses, IPv4 first.
    public var addresses: [IPAddress] { [ipv4, ipv6].compactMap { $0 } }

    /// The default network for devices, or the next similar one that does not overlap `taken`.
    public static func usualNetwork(_ family: AddressFamily, besides taken: [IPPrefix]) -> IPPrefix {
        let usual = usualNetworks(family)
        return usual.first { network in !taken.contains { $0.overlaps(network) } } ?? usual[0]
    }

    /// Candidate networks from the private address ranges (RFC 1918, RFC 4193). The first one is the default.
    private static func usualNetworks(_ family: AddressFamily) -> [IPPrefix] {
        let texts: [String] =
            switch family {
            case .v4: (3...254).map { "10.\($0).2.0/24" } + (16...31).map { "172.\($0).2.0/24" } + (2...254).map { "192.168.\($0).0/24" }
            case .v6: (3...9).map { "fd00::\($0):2:0/120" } + (1...9).map { "fd3\($0):\($0)::2:0/120" }
            }
        return texts.compactMap { IPPrefix($0) }
    }
}
