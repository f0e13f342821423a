// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Addresses of this host, the likeliest for devices to dial first: public before private, IPv4 before IPv6, lasting before passing.
public enum HostAddresses {
    /// Empty where the kernel would not tell.
    public static func current() -> [IPAddress] {
        guard let all = try? InterfaceAddress.all() else { return [] }
        return all.filter { $0.scope == .global && !$0.isTentative && !$0.isDeprecated && !$0.address.isLoopback }
            .sorted { rank($0) < rank($1) }
            .map(\.address)
    }

    /// What devices must not live in: the networks of IPv4 that this host is in. Of IPv6 its own addresses, since a network there is so large
    /// that a part of it hides nobody.
    public static func networks() -> [IPPrefix] {
        let all = ((try? InterfaceAddress.all()) ?? []).filter { ($0.scope == .global || $0.scope == .site) && !$0.address.isLoopback }
        return Set(all.compactMap { IPPrefix($0.address, length: $0.address.isV4 ? $0.prefixLength : 128) }).sorted()
    }

    private static func rank(_ address: InterfaceAddress) -> (Int, Int, Int) {
        (address.address.isPrivate ? 1 : 0, address.isTemporary ? 1 : 0, address.address.isV4 ? 0 : 1)
    }
}
