// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// The bytes of a hex string; spaces and line breaks in it are for the reader.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).map { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        return UInt8(digits[start...].prefix(2), radix: 16)!
    }
}

/// The same for a value of fixed size.
func hex<let byteCount: Int>(_ text: String) -> InlineArray<byteCount, UInt8> {
    InlineArray(exactly: hex(text) as [UInt8])!
}

/// `count` bytes 0, 1, 2 … as the official BLAKE2 vectors use them.
func counting(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }
