// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Names that stand for addresses: `2.2.3.10.in-addr.arpa` (RFC 1035 3.5) and 32 hexadecimal digits under `ip6.arpa` (RFC 3596 2.5).
enum ReverseName {
    private static let v4: StaticString = "\u{07}in-addr\u{04}arpa"
    private static let v6: StaticString = "\u{03}ip6\u{04}arpa"
    /// The bytes of 32 labels of one digit.
    private static let digitsByteCount = 64

    /// The address that a name in a message stands for, in any case; nil if it stands for none.
    static func address(of name: UnsafeRawBufferPointer) -> IPAddress? {
        if let end = start(of: v6, in: name), end == digitsByteCount { return address6(name) }
        return start(of: v4, in: name).flatMap { address4(name, end: $0) }
    }

    /// Where `suffix` and the root begin, if the name ends with them.
    private static func start(of suffix: StaticString, in name: UnsafeRawBufferPointer) -> Int? {
        let count = suffix.utf8CodeUnitCount
        let start = name.count - count - 1
        guard start >= 0, name[name.count - 1] == 0 else { return nil }
        var offset = 0
        while offset < count {
            guard name[start + offset].lowercased == suffix.utf8Start[offset] else { return nil }
            offset += 1
        }
        return start
    }

    private static func address4(_ name: UnsafeRawBufferPointer, end: Int) -> IPAddress? {
        var (offset, bits): (Int, UInt32) = (0, 0)
        for place: UInt32 in 0..<4 {
            guard offset < end else { return nil }
            let count = Int(name[offset])
            guard (1...3).contains(count), offset + 1 + count <= end else { return nil }
            var value: UInt32 = 0
            for index in offset + 1...offset + count {
                guard name[index].isDigit else { return nil }
                value = value * 10 + UInt32(name[index] - 48)
            }
            guard value < 256, count == 1 || name[offset + 1] != 48 else { return nil }
            bits |= value << (8 * place)
            offset += 1 + count
        }
        return offset == end ? .v4(IPv4Address(bits: bits)) : nil
    }

    private static func address6(_ name: UnsafeRawBufferPointer) -> IPAddress? {
        var (high, low): (UInt64, UInt64) = (0, 0)
        for place in 0..<32 {
            guard name[place * 2] == 1, let digit = name[place * 2 + 1].hexValue else { return nil }
            if place < 16 { low |= UInt64(digit) << UInt64(4 * place) } else { high |= UInt64(digit) << UInt64(4 * (place - 16)) }
        }
        return .v6(IPv6Address(high: high, low: low))
    }
}
