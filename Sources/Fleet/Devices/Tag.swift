// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A word that groups devices, such as `field` or `berlin`. May contain letters, digits, `-`, `_` and `.`. Stored in lower case, so that
/// spellings that differ only in case are one group.
public struct Tag: Hashable, Comparable, Sendable, LosslessStringConvertible {
    /// Unicode scalars. Chosen so that a tag fits in a table cell.
    public static let maximumLength = 32

    /// The tag, 1–32 characters.
    public let description: String

    /// The tag in lower case; nil if `text` is not a valid tag.
    public init?(_ text: String) {
        let word = text.lowercased()
        let isWord = word.unicodeScalars.allSatisfy { scalar in
            let properties = scalar.properties
            return !properties.isDefaultIgnorableCodePoint
                && (properties.isAlphabetic || properties.numericType == .decimal || properties.generalCategory == .nonspacingMark
                    || ["-", "_", "."].contains(scalar))
        }
        guard isWord, (1...Self.maximumLength).contains(word.scalarCount) else { return nil }
        description = word
    }

    public static func < (a: Tag, b: Tag) -> Bool { a.description < b.description }
}

extension Device {
    /// The maximum number of tags of one device. A larger number is most likely a mistake.
    public static let maximumTags = 16
}

extension [Tag] {
    /// The tags without duplicates, sorted. Two lists with the same tags are then equal.
    public var canonical: [Tag] { Set(self).sorted() }
}
