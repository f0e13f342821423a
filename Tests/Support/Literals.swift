// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The bytes of a hex string. Spaces and line breaks are ignored.
public func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).map { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        return UInt8(digits[start...].prefix(2), radix: 16)!
    }
}

/// The same for a value of fixed size.
public func hex<let byteCount: Int>(_ text: String) -> InlineArray<byteCount, UInt8> {
    let bytes: [UInt8] = hex(text)
    precondition(bytes.count == byteCount, "\(bytes.count) bytes instead of \(byteCount): \(text)")
    return InlineArray { bytes[$0] }
}

// Literals for tests. An invalid one stops the test at once.
extension UnixTime: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(seconds: value) }
}

extension IPPrefix: ExpressibleByStringLiteral, ExpressibleByUnicodeScalarLiteral,
    ExpressibleByExtendedGraphemeClusterLiteral
{
    public init(stringLiteral value: String) { self.init(value)! }
}

extension IPAddress: ExpressibleByStringLiteral, ExpressibleByUnicodeScalarLiteral,
    ExpressibleByExtendedGraphemeClusterLiteral
{
    public init(stringLiteral value: String) { self.init(value)! }
}

/// SplitMix64: the same seed gives the same numbers. A test that picks a new seed for each run prints it when it fails.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
