// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
@_spi(_Unicode) import Swift
import Words

/// The rules of text that people type.
public enum TextRules {
    /// A name fits a table cell; a description is a short note.
    public static let maximumNameLength = 64
    public static let maximumDescriptionLength = 1_000
    /// A name of 64 characters may have combining marks, but not endless ones.
    private static let maximumBytesPerCharacter = 8

    /// Why this is no name; nil when it is one.
    public static func nameProblem(_ name: String) -> Phrase? {
        if name.isEmpty { return "A name is missing. Give 1 to \(maximumNameLength) characters." }
        if isTooLong(name, maximumNameLength) { return "The name has \(name.count) characters. Give at most \(maximumNameLength)." }
        if name.unicodeScalars.contains(where: isControl) { return "The name contains a control character. Remove it." }
        if isBlank(name.unicodeScalars.first) || isBlank(name.unicodeScalars.last) { return "The name begins or ends with a space. Remove it." }
        return nil
    }

    /// Why this is no description; nil when it is one.
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

    /// Controls, line separators, and the marks that turn the direction of what follows: a name must not rewrite the line it stands in.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isWhitespace ?? false }
}

/// The form of a name that is compared: two names are one when these are equal.
public enum FoldedName {
    /// Without case and in one spelling: "Straße", "STRASSE" and "strasse" are one, and so are both ways to write "é".
    /// Upper and then lower case is full case folding but for a few letters of Turkic and Cherokee; NFD is Unicode's annex 15.
    public static func of(_ name: String) -> String {
        var folded = String.UnicodeScalarView()
        // The standard library offers decomposition to its own libraries only; it is the table that `==` of strings uses.
        for scalar in name.uppercased().lowercased()._nfd { folded.append(scalar) }
        return String(folded)
    }
}
