// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Addresses of this host, the likeliest for devices to dial first: public before private, IPv4 before IPv6, lasting before passing.
enum HostAddresses {
    /// Empty where the kernel would not tell.
    static func current() -> [IPAddress] {
        guard let all = try? InterfaceAddress.all() else { return [] }
        return all.filter { $0.scope == .global && !$0.isTentative && !$0.isDeprecated && !$0.address.isLoopback }
            .sorted { rank($0) < rank($1) }
            .map(\.address)
    }

    private static func rank(_ address: InterfaceAddress) -> (Int, Int, Int) {
        (address.address.isPrivate ? 1 : 0, address.isTemporary ? 1 : 0, address.address.isV4 ? 0 : 1)
    }
}
