// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

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
