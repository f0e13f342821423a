// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// The hub itself: its name, its public key and the networks that devices live in. Holds no secret.
public struct Hub: Hashable, Sendable {
    /// What the portal calls the hub, 1–64 characters.
    public var name: String
    /// What devices put into their files; made once and for good.
    public let publicKey: PublicKey
    /// The network that IPv4 addresses come from; nil for a hub without IPv4.
    public var ipv4Network: IPPrefix?
    /// The same for IPv6.
    public var ipv6Network: IPPrefix?
    /// The hub's own addresses, one in each of its networks.
    public var ipv4: IPAddress?
    public var ipv6: IPAddress?
    /// Where people reach the portal, such as `https://hub.example.org`; nil until somebody says so.
    public var portalURL: String?
    /// The generation that changed it last. Hand it back with an edit: a stale one is refused.
    public let revision: Int64

    public init(
        name: String, publicKey: PublicKey, ipv4Network: IPPrefix?, ipv6Network: IPPrefix?, ipv4: IPAddress?, ipv6: IPAddress?, portalURL: String?,
        revision: Int64
    ) {
        self.name = name
        self.publicKey = publicKey
        self.ipv4Network = ipv4Network
        self.ipv6Network = ipv6Network
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.portalURL = portalURL
        self.revision = revision
    }
}

extension Hub {
    /// Its networks, IPv4 first.
    public var networks: [IPPrefix] { [ipv4Network, ipv6Network].compactMap { $0 } }

    /// The network that devices usually live in, or the next one like it that has no address in common with `taken`.
    public static func usualNetwork(_ family: AddressFamily, besides taken: [IPPrefix]) -> IPPrefix {
        let usual = usualNetworks(family)
        return usual.first { network in !taken.contains { $0.overlaps(network) } } ?? usual[0]
    }

    /// Of private addresses (RFC 1918, RFC 4193), the first where there is nothing to avoid.
    private static func usualNetworks(_ family: AddressFamily) -> [IPPrefix] {
        let texts: [String] =
            switch family {
            case .v4: (3...254).map { "10.\($0).2.0/24" } + (16...31).map { "172.\($0).2.0/24" } + (2...254).map { "192.168.\($0).0/24" }
            case .v6: (3...9).map { "fd00::\($0):2:0/120" } + (1...9).map { "fd3\($0):\($0)::2:0/120" }
            }
        return texts.compactMap { IPPrefix($0) }
    }
}
