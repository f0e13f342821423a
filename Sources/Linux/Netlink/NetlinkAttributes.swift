// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Net

/// The attributes of a netlink message by number, each two bytes of length, two of number, and the value. netlink(7)
struct NetlinkAttributes: Equatable {
    private var values: [UInt16: ArraySlice<UInt8>] = [:]

    /// An impossible length ends the list. If a number occurs twice, the last attribute counts.
    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let header = rest.loadStruct(nlattr.self) {
            let byteCount = Int(header.nla_len)
            guard (MemoryLayout<nlattr>.size...rest.count).contains(byteCount) else { break }
            // The two highest bits of the number are marks (nested, network order).
            values[header.nla_type & 0x3FFF] = rest.prefix(byteCount).dropFirst(MemoryLayout<nlattr>.size)
            rest = rest.dropFirst(padded(byteCount))
        }
    }

    /// The value of an attribute.
    subscript(number: Int) -> ArraySlice<UInt8>? { values[UInt16(number)] }

    /// A value of four bytes, in host order; nil if it is absent or has another size.
    func uint32(_ number: Int) -> UInt32? {
        guard let bytes = self[number], bytes.count == 4 else { return nil }
        return bytes.loadStruct(UInt32.self)
    }

    /// A value of 4 or 16 bytes, in network order; nil if it is absent or has another size.
    func address(_ number: Int) -> IPAddress? { self[number].flatMap { IPAddress(networkOrder: $0) } }

    /// A text, which ends at the first zero.
    func text(_ number: Int) -> String? {
        self[number].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension IPAddress {
    /// Four or sixteen bytes as in packets; nil for any other count.
    init?(networkOrder bytes: some Collection<UInt8>) {
        func number(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: self = .v4(IPv4Address(bits: UInt32(number(bytes))))
        case 16: self = .v6(IPv6Address(high: number(bytes.prefix(8)), low: number(bytes.dropFirst(8))))
        default: return nil
        }
    }

    /// The four or sixteen bytes as in packets.
    var networkOrder: [UInt8] {
        switch self {
        case .v4(let address): (0..<4).map { UInt8(truncatingIfNeeded: address.bits >> (24 - 8 * $0)) }
        case .v6(let address):
            (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? address.high : address.low) >> (56 - 8 * ($0 % 8))) }
        }
    }

    /// AF_INET or AF_INET6.
    var family: UInt8 { UInt8(isV4 ? AF_INET : AF_INET6) }
}
