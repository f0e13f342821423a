// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// ASCII as bytes, for parsers of text protocols.

extension UInt8 {
    /// Names for control characters and the space.
    public static let tab: UInt8 = 0x09
    public static let lineFeed: UInt8 = 0x0A
    public static let carriageReturn: UInt8 = 0x0D
    public static let space: UInt8 = 0x20

    /// A decimal digit.
    @inlinable public var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// A digit or a letter.
    @inlinable public var isAlphanumeric: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// The value of a hexadecimal digit; nil for any other byte.
    @inlinable public var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }

    /// Converts an ASCII letter to lower case; returns any other byte unchanged.
    @inlinable public var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension StringProtocol {
    /// True when both texts are equal, ignoring the case of ASCII letters.
    @inlinable public func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
        let (a, b) = (utf8, other.utf8)
        guard a.count == b.count else { return false }
        return zip(a, b).allSatisfy { $0.lowercased == $1.lowercased }
    }

    /// The text without white space at both ends. Covers all of Unicode; `isBlank` can define white space differently.
    public func trimmed(of isBlank: (Character) -> Bool = \.isWhitespace) -> String {
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}
