// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
@_spi(_Unicode) import Swift
import Words

/// The rules for text that users enter.
public enum TextRules {
    /// Unicode scalars. Chosen so that a name fits in a table cell. A description may be longer, but is a short note.
    public static let maximumNameLength = 64
    public static let maximumDescriptionLength = 1_000

    /// The reason why a name is not valid; nil if it is.
    public static func nameProblem(_ name: String) -> Phrase? {
        if name.isEmpty { return "A name is missing. Give 1 to \(maximumNameLength) characters." }
        let length = name.scalarCount
        if length > maximumNameLength { return "The name has \(length) characters. Give at most \(maximumNameLength)." }
        if let hidden = hiddenCharacter(in: name) { return "The name contains the invisible character \(hidden). Remove it." }
        if isBlank(name.unicodeScalars.first) || isBlank(name.unicodeScalars.last) { return "The name begins or ends with a space. Remove it." }
        return nil
    }

    /// The reason why a description is not valid; nil if it is.
    public static func descriptionProblem(_ text: String) -> Phrase? {
        let length = text.scalarCount
        if length > maximumDescriptionLength { return "The description has \(length) characters. Give at most \(maximumDescriptionLength)." }
        let lineBreaks: Set<Unicode.Scalar> = ["\n", "\r"]
        let hidden = text.unicodeScalars.first { isControl($0) && !lineBreaks.contains($0) }
        return hidden.map { "The description contains the invisible character \(label(of: $0)). Remove it." }
    }

    /// The first character that nobody can see or that changes the display of the text around it, such as "U+202E RIGHT-TO-LEFT OVERRIDE".
    /// Nil if there is none. The joiners and selectors inside emoji and of scripts that need them do not count.
    public static func hiddenCharacter(in text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() where isControl(scalar) || isInvisible(scalar) {
            let (before, after) = (index > 0 ? scalars[index - 1] : nil, index + 1 < scalars.count ? scalars[index + 1] : nil)
            let followsVisible = before.map { !$0.isASCII && !isInvisible($0) || isSelector($0) } ?? false
            let isKeycap = isSelector(scalar) && after == "\u{20E3}"
            guard isJoiner(scalar) && followsVisible || isKeycap else { return label(of: scalar) }
        }
        return nil
    }

    /// "U+200B ZERO WIDTH SPACE".
    private static func label(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let name = scalar.properties.name ?? scalar.properties.nameAlias
        return "U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)" + (name.map { " \($0)" } ?? "")
    }

    /// True for control characters, line separators and bidirectional marks. A name must not change the display of the text around it.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }

    /// True for characters without a picture of their own: joiners, fillers, marks of direction, tags, and the blank of Braille.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format || scalar == "\u{2800}"
    }

    /// Zero-width joiner and non-joiner, and the selectors of text or emoji form.
    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool { scalar == "\u{200C}" || scalar == "\u{200D}" || isSelector(scalar) }

    private static func isSelector(_ scalar: Unicode.Scalar) -> Bool { (0xFE00...0xFE0F).contains(scalar.value) }

    private static func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isWhitespace ?? false }
}

/// The form of a name for comparison. Two names are considered equal if their folded forms are.
public enum FoldedName {
    /// Folds case and normalizes spelling: "Straße", "STRASSE" and "strasse" are equal, and so are both encodings of "é". Converting to
    /// upper and then lower case equals full case folding except for a few Turkic and Cherokee letters. NFD is defined in Unicode annex 15.
    public static func of(_ name: String) -> String {
        if name.utf8.allSatisfy({ $0 < 0x80 }) { return name.lowercased() }
        var folded = String.UnicodeScalarView()
        for scalar in decomposed(name.uppercased().lowercased()) { folded.append(scalar) }
        return String(folded)
    }

    /// Each letter followed by its accents (NFD).
    static func decomposed(_ text: String) -> [Unicode.Scalar] {
        // The standard library exposes its normalization only to its own libraries. It is the table that `==` uses for strings.
        Array(text._nfd)
    }
}
