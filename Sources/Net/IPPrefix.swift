// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// An address range in CIDR form. Host bits are cleared at creation (WG-A-1).
public struct IPPrefix: Hashable, Sendable, Comparable {
    /// The first address of the range.
    public let address: IPAddress
    /// In one byte, because a large hub has many prefixes.
    private let bits: UInt8

    /// The number of leading bits that all addresses in the range share: 0–32 or 0–128.
    public var length: Int { Int(bits) }

    /// Nil when `length` is not valid for the family; it is never clamped.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.bitWidth).contains(length) else { return nil }
        self.address = address.masked(to: length)
        bits = UInt8(length)
    }

    /// A single address as /32 or /128.
    public init(host address: IPAddress) {
        self.address = address
        bits = UInt8(address.bitWidth)
    }

    /// True for /32 and /128.
    public var isHost: Bool { length == address.bitWidth }

    /// The last address of the range.
    public var last: IPAddress {
        switch address {
        case .v4(let a):
            return .v4(IPv4Address(bits: a.bits | ~mask32(length)))
        case .v6(let a):
            let mask = mask128(length)
            return .v6(IPv6Address(high: a.high | ~mask.high, low: a.low | ~mask.low))
        }
    }

    /// True when the address is of the same family and inside this range.
    public func contains(_ other: IPAddress) -> Bool {
        other.isV4 == address.isV4 && other.masked(to: length) == address
    }

    /// True when every address of `other` is inside this range.
    public func contains(_ other: IPPrefix) -> Bool {
        other.length >= length && contains(other.address)
    }

    /// True when the two ranges share at least one address.
    public func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

    public static func < (a: Self, b: Self) -> Bool { (a.address, a.length) < (b.address, b.length) }
}

extension IPPrefix {
    /// Ranges whose addresses belong to no machine that a router could send packets to or get packets from: multicast, loopback, this
    /// network, and limited broadcast (WG-H-23; RFC 6890, RFC 1812 5.3.7, RFC 4291 2.5 and 2.7).
    public static let unroutable: [IPPrefix] = [
        "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "::ffff:0:0/96", "ff00::/8",
    ].compactMap { IPPrefix($0) }

    /// The unroutable range that contains all of this one; nil if there is none. A wider range, such as `0.0.0.0/0`, is contained in none.
    public var unroutableRange: IPPrefix? { Self.unroutable.first { $0.contains(self) } }

    /// True for a prefix that stands for the whole Internet or for half of it, such as `0.0.0.0/0`, `128.0.0.0/1`, `::/0` or `2000::/3`. People
    /// write it to send all traffic into the tunnel, and not to name anyone.
    public var isInternetWide: Bool { length <= 1 || !address.isV4 && contains(Self.globalUnicast) }

    /// The IPv6 addresses that the Internet uses (RFC 4291 2.4).
    private static let globalUnicast = IPPrefix(IPAddress("2000::")!, length: 3)!
}

extension IPPrefix: LosslessStringConvertible {
    /// Parses `address/length`, or a single address without a length; nil for any other text.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        if parts.count == 1 {
            self.init(host: address)
        } else {
            guard let length = decimal(parts[1], upTo: address.bitWidth) else { return nil }
            self.init(address, length: length)
        }
    }

    public init?(_ description: String) { self.init(Substring(description)) }

    public var description: String { "\(address)/\(length)" }
}

extension IPAddress {
    /// The address with only its first `length` bits; the others are cleared.
    public func masked(to length: Int) -> IPAddress {
        switch self {
        case .v4(let a):
            return .v4(IPv4Address(bits: a.bits & mask32(length)))
        case .v6(let a):
            let mask = mask128(length)
            return .v6(IPv6Address(high: a.high & mask.high, low: a.low & mask.low))
        }
    }
}

private func mask32(_ length: Int) -> UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }

private func mask128(_ length: Int) -> (high: UInt64, low: UInt64) {
    length <= 64
        ? (length == 0 ? 0 : ~0 << UInt64(64 - length), 0)
        : (~0, ~0 << UInt64(128 - length))
}
