// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Addresses of this host, in the order in which devices are likely to reach them: public before private, IPv4 before IPv6, permanent
/// before temporary.
public enum HostAddresses {
    /// Empty when the kernel does not report them. Without those of the hub's own interface `tun`, which are inside the tunnel.
    public static func current(besides tun: String? = nil) -> [IPAddress] {
        guard let all = try? InterfaceAddress.all() else { return [] }
        return all.filter { $0.interfaceName != tun && $0.scope == .global && !$0.isTentative && !$0.isDeprecated && !$0.address.isLoopback }
            .sorted { rank($0) < rank($1) }
            .map(\.address)
    }

    /// Networks that device addresses must not overlap: the IPv4 networks of this host and its own IPv6 addresses. IPv6 networks are so
    /// large that using a part of one hides no machine. Without those of the hub's own interface `tun`.
    public static func networks(besides tun: String? = nil) -> [IPPrefix] {
        let all = ((try? InterfaceAddress.all()) ?? []).filter {
            $0.interfaceName != tun && ($0.scope == .global || $0.scope == .site) && !$0.address.isLoopback
        }
        return Set(all.compactMap { IPPrefix($0.address, length: $0.address.isV4 ? $0.prefixLength : 128) }).sorted()
    }

    private static func rank(_ address: InterfaceAddress) -> (Int, Int, Int) {
        (address.address.isPrivate ? 1 : 0, address.isTemporary ? 1 : 0, address.address.isV4 ? 0 : 1)
    }
}
