// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// An IPv4 address. `bits` is in host order: 10.0.0.1 is 0x0A00_0001.
public struct IPv4Address: Hashable, Sendable, Comparable {
    public var bits: UInt32

    @inlinable public init(bits: UInt32) { self.bits = bits }

    /// 0.0.0.0 and 127.0.0.1.
    public static let any = IPv4Address(bits: 0)
    public static let loopback = IPv4Address(bits: 0x7F00_0001)

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }

    /// Whether no packet can come from this address: 0.0.0.0/8, 127.0.0.0/8, multicast and limited broadcast (RFC 1812 5.3.7).
    @inlinable static func isNoSource(_ bits: UInt32) -> Bool {
        bits >> 24 == 0 || bits >> 24 == 127 || bits >> 28 == 0xE || bits == ~0
    }
}

/// An IPv6 address as two host-order halves: `high` holds the first eight bytes.
public struct IPv6Address: Hashable, Sendable, Comparable {
    public var high: UInt64
    public var low: UInt64

    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `::` and `::1`.
    public static let any = IPv6Address(high: 0, low: 0)
    public static let loopback = IPv6Address(high: 0, low: 1)

    /// `fe80::/10`: an address that is valid only on one link.
    @inlinable public var isLinkLocal: Bool { high >> 54 == 0x3FA }

    /// The IPv4 address inside `::ffff:a.b.c.d`; nil for any other address (RFC 4291 2.5.5.2).
    @inlinable public var mappedIPv4: IPv4Address? {
        high == 0 && low >> 32 == 0xFFFF ? IPv4Address(bits: UInt32(truncatingIfNeeded: low)) : nil
    }

    @inlinable public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }

    /// Whether no packet can come from this address: multicast, `::`, `::1` and mapped IPv4 addresses (RFC 4291 2.5 and 2.7).
    @inlinable static func isNoSource(_ bits: UInt128) -> Bool { bits >> 120 == 0xFF || bits <= 1 || bits >> 32 == 0xFFFF }
}

/// An IPv4 or IPv6 address. All IPv4 addresses sort before all IPv6 addresses, then by number.
public enum IPAddress: Hashable, Sendable, Comparable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// The length of the address in bits: 32 or 128.
    @inlinable public var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// True for IPv4, false for IPv6.
    @inlinable public var isV4: Bool {
        if case .v4 = self { true } else { false }
    }

    /// 0.0.0.0 or ::.
    public var isUnspecified: Bool {
        switch self {
        case .v4(let a): a.bits == 0
        case .v6(let a): a == .any
        }
    }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        switch self {
        case .v4(let a): a.bits >> 24 == 127
        case .v6(let a): a == .loopback
        }
    }

    /// 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool {
        switch self {
        case .v4(let a): a.bits >> 28 == 0xE
        case .v6(let a): a.high >> 56 == 0xFF
        }
    }

    /// True for addresses that the Internet does not route: RFC 1918, RFC 6598, RFC 4193, link-local, loopback and unspecified.
    public var isPrivate: Bool {
        switch self {
        case .v4(let a):
            a.bits >> 24 == 10 || a.bits >> 20 == 0xAC1 || a.bits >> 16 == 0xC0A8 || a.bits >> 22 == 0x191
                || a.bits >> 16 == 0xA9FE || isLoopback || isUnspecified
        case .v6(let a):
            a.high >> 57 == 0x7E || a.isLinkLocal || isLoopback || isUnspecified
        }
    }

    /// True for addresses that no host on the Internet has, because they are reserved for documentation (RFC 5737, RFC 3849, RFC 9637), for
    /// benchmarks (RFC 2544, RFC 5180) or for the future (RFC 1112 section 4).
    public var isReserved: Bool { Self.reserved.contains { $0.contains(self) } }

    private static let reserved = [
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "240.0.0.0/4", "2001:db8::/32", "3fff::/20", "2001:2::/48",
    ].compactMap { IPPrefix($0) }

    /// The address `offset` higher; nil past the last address of the family.
    public func advanced(by offset: UInt64) -> IPAddress? {
        switch self {
        case .v4(let a):
            let sum = UInt64(a.bits) + min(offset, 1 << 33)
            return sum <= UInt64(UInt32.max) ? .v4(IPv4Address(bits: UInt32(sum))) : nil
        case .v6(let a):
            let (low, carry) = a.low.addingReportingOverflow(offset)
            let (high, overflow) = a.high.addingReportingOverflow(carry ? 1 : 0)
            return overflow ? nil : .v6(IPv6Address(high: high, low: low))
        }
    }

    public static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.v4(let x), .v4(let y)): x < y
        case (.v6(let x), .v6(let y)): x < y
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }
}
