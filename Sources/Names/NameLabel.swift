// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@_spi(_Unicode) import Swift

/// Spells names that people give as labels of domain names.
///
/// `Berlin NAS` becomes `berlin-nas`: letters become lower case, and everything but letters and digits becomes a hyphen, one for any number
/// of them. Latin letters with marks are written without, so that they can be typed on every keyboard: `ä` becomes `ae`, `ß` becomes `ss`,
/// `é` becomes `e`. A name with letters of another script becomes an A-label (RFC 5890 2.3.2.1), as browsers make it of what people type:
/// `Москва` becomes `xn--80adxhks`. A name without a letter or digit becomes `device`.
public enum NameLabel {
    /// The label of a name without a letter or digit.
    public static let fallback = "device"
    private static let aLabel = "xn--"
    private static let hyphen: Unicode.Scalar = "-"

    /// Latin letters that are no plain letter with a mark, and those whose mark is spelled as a letter of its own.
    private static let spellings: [Unicode.Scalar: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "ð": "d", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l",
        "ŋ": "n", "ŧ": "t", "ſ": "s",
    ]

    /// The label for a name, at most 63 bytes. A number makes it differ from the label of another name: `berlin-nas-2`.
    public static func spell(_ name: String, number: Int? = nil) -> String {
        let mark = number.map { Array("-\($0)".unicodeScalars) } ?? []
        // Most names are ASCII.
        var letters = hyphenated(name.utf8.allSatisfy { $0 < 0x80 } ? Array(name.lowercased().unicodeScalars) : plain(name))
        if letters.isEmpty { letters = Array(fallback.unicodeScalars) }
        // The longest beginning that fits. Each letter takes at least a byte.
        var count = min(letters.count, DomainName.maximumLabelByteCount)
        while count > 0 {
            if let label = label(of: letters.prefix(count).dropLast(while: { $0 == hyphen }) + mark) { return label }
            count -= 1
        }
        return label(of: Array(fallback.unicodeScalars) + mark) ?? fallback
    }

    /// Nil if it is too long.
    private static func label(of letters: [Unicode.Scalar]) -> String? {
        let isPlain = letters.allSatisfy(\.isASCII)
        let text = isPlain ? String(decoding: letters.map { UInt8($0.value) }, as: UTF8.self) : Punycode.encode(letters).map { aLabel + $0 }
        return text.flatMap { $0.utf8.count <= DomainName.maximumLabelByteCount ? $0 : nil }
    }

    /// Lower case, with Latin letters without marks, and letters of other scripts as they are.
    private static func plain(_ name: String) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        // The standard library exposes its normalization only to its own libraries. It is the table that `==` uses for strings.
        for scalar in name.lowercased()._nfc {
            if let spelling = spellings[scalar] {
                result += spelling.unicodeScalars
            } else if let letter = String(scalar)._nfd.first(where: { _ in true }), letter.isASCII {
                result.append(letter)
            } else if scalar.properties.generalCategory != .nonspacingMark || result.last?.isASCII == false {
                result.append(scalar)
            }
        }
        return result
    }

    /// The letters and digits, with one hyphen for each run of anything else, and none at the ends.
    private static func hyphenated(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for scalar in scalars {
            if isPart(scalar) {
                result.append(scalar)
            } else if let last = result.last, last != hyphen {
                result.append(hyphen)
            }
        }
        return Array(result.dropLast(while: { $0 == hyphen }))
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: return true
        default: return false
        }
    }
}

extension BidirectionalCollection {
    /// Without the elements at the end that `isDropped` holds for.
    fileprivate func dropLast(while isDropped: (Element) -> Bool) -> SubSequence {
        var end = endIndex
        while end > startIndex, isDropped(self[index(before: end)]) { formIndex(before: &end) }
        return self[startIndex..<end]
    }
}
