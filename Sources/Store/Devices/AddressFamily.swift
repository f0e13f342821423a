// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The two kinds of address; the raw value is the name of the field and of the column.
public enum AddressFamily: String, Sendable, CaseIterable {
    case v4 = "ipv4"
    case v6 = "ipv6"

    /// As people write it.
    var name: String {
        switch self {
        case .v4: "IPv4"
        case .v6: "IPv6"
        }
    }
}

extension Hub {
    /// Its network of the family.
    func network(_ family: AddressFamily) -> IPPrefix? {
        switch family {
        case .v4: ipv4Network
        case .v6: ipv6Network
        }
    }

    /// The hub's own address of a family.
    func address(_ family: AddressFamily) -> IPAddress? {
        switch family {
        case .v4: ipv4
        case .v6: ipv6
        }
    }
}
