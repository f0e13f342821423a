// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A word that groups devices, such as `field` or `berlin`: letters, digits, `-`, `_` and `.`, always in lower case, so that two
/// spellings are one group.
public struct Tag: Hashable, Comparable, Sendable, LosslessStringConvertible {
    /// A tag fits a table cell.
    public static let maximumLength = 32
    private static let maximumBytes = 128

    /// 1–32 characters.
    public let description: String

    /// The tag in lower case; nil for anything that is none.
    public init?(_ text: String) {
        let word = text.lowercased()
        let isWord = word.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal || scalar.properties.generalCategory == .nonspacingMark
                || ["-", "_", "."].contains(scalar)
        }
        guard isWord, (1...Self.maximumLength).contains(word.count), word.utf8.count <= Self.maximumBytes else { return nil }
        description = word
    }

    public static func < (a: Tag, b: Tag) -> Bool { a.description < b.description }
}

extension Device {
    /// Tags of one device; more is a mistake.
    public static let maximumTags = 16
}

extension [Tag] {
    /// Each once, in order: two lists of the same tags are equal.
    public var canonical: [Tag] { Set(self).sorted() }
}
