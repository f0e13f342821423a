// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
@_spi(_Unicode) import Swift
import Words

/// The rules for text that users enter.
public enum TextRules {
    /// Characters. Chosen so that a name fits in a table cell. A description may be longer, but is a short note.
    public static let maximumNameLength = 64
    public static let maximumDescriptionLength = 1_000
    /// Allows combining marks in a name of 64 characters, but not an unlimited number.
    private static let maximumBytesPerCharacter = 8

    /// The reason why a name is not valid; nil if it is.
    public static func nameProblem(_ name: String) -> Phrase? {
        if name.isEmpty { return "A name is missing. Give 1 to \(maximumNameLength) characters." }
        if isTooLong(name, maximumNameLength) { return "The name has \(name.count) characters. Give at most \(maximumNameLength)." }
        if name.unicodeScalars.contains(where: isControl) { return "The name contains a control character. Remove it." }
        if isBlank(name.unicodeScalars.first) || isBlank(name.unicodeScalars.last) { return "The name begins or ends with a space. Remove it." }
        return nil
    }

    /// The reason why a description is not valid; nil if it is.
    public static func descriptionProblem(_ text: String) -> Phrase? {
        if isTooLong(text, maximumDescriptionLength) {
            return "The description has \(text.count) characters. Give at most \(maximumDescriptionLength)."
        }
        let lineBreaks: Set<Unicode.Scalar> = ["\n", "\r"]
        if text.unicodeScalars.contains(where: { isControl($0) && !lineBreaks.contains($0) }) {
            return "The description contains a control character. Remove it."
        }
        return nil
    }

    private static func isTooLong(_ text: String, _ limit: Int) -> Bool {
        text.count > limit || text.utf8.count > limit * maximumBytesPerCharacter
    }

    /// True for control characters, line separators and bidirectional marks. A name must not change the display of the text around it.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isWhitespace ?? false }
}

/// The form of a name for comparison. Two names are considered equal if their folded forms are.
public enum FoldedName {
    /// Folds case and normalizes spelling: "Straße", "STRASSE" and "strasse" are equal, and so are both encodings of "é". Converting to
    /// upper and then lower case equals full case folding except for a few Turkic and Cherokee letters. NFD is defined in Unicode annex 15.
    public static func of(_ name: String) -> String {
        var folded = String.UnicodeScalarView()
        // The standard library exposes its normalization only to its own libraries. It is the table that `==` uses for strings.
        for scalar in name.uppercased().lowercased()._nfd { folded.append(scalar) }
        return String(folded)
    }
}
