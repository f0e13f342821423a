// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// IPv4 or IPv6. The raw value is the name of the field and of the database column.
public enum AddressFamily: String, Sendable, CaseIterable {
    case v4 = "ipv4"
    case v6 = "ipv6"

    /// The usual spelling: IPv4 or IPv6.
    public var name: String {
        switch self {
        case .v4: "IPv4"
        case .v6: "IPv6"
        }
    }
}

extension AddressFamily {
    /// Prefixes that devices cannot use: this host, link-local, loopback, multicast and reserved (RFC 6890, RFC 4291 2.4).
    public var keptForOtherUses: [IPPrefix] {
        let texts: [String] =
            switch self {
            case .v4: ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"]
            case .v6: ["::/8", "fe80::/10", "ff00::/8"]
            }
        return texts.compactMap { IPPrefix($0) }
    }
}

extension Hub {
    /// The hub's network in this address family.
    public func network(_ family: AddressFamily) -> IPPrefix? {
        switch family {
        case .v4: ipv4Network
        case .v6: ipv6Network
        }
    }

    /// The hub's own address in this address family.
    public func address(_ family: AddressFamily) -> IPAddress? {
        switch family {
        case .v4: ipv4
        case .v6: ipv6
        }
    }
}
