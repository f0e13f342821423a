// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// What a page gives its template. There is no case for markup: every text is escaped on its way out,
/// so the only HTML of a page is the HTML of the files in Templates.
enum TemplateValue: Sendable, Equatable {
    /// Data, which is the same in every language, and words for programs.
    case text(String)
    /// Words for people, said in the visitor's language.
    case phrase(Phrase)
    case flag(Bool)
    case list([TemplateValue])
    case object([String: TemplateValue])

    /// A section is written for anything but false, an empty text and an empty list.
    var isTrue: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .phrase(let phrase): !phrase.isEmpty
        case .flag(let flag): flag
        case .list(let items): !items.isEmpty
        case .object: true
        }
    }

    /// The number in decimal.
    static func number(_ value: some BinaryInteger) -> TemplateValue { .text(String(value)) }

    /// The object, or false where there is none: its section is left out.
    static func optional(_ value: TemplateValue?) -> TemplateValue { value ?? .flag(false) }
}

extension TemplateValue: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByArrayLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: TemplateValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, TemplateValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension [UInt8] {
    /// Appends `text` for HTML, inside an element or a quoted attribute. Works on UTF-8 bytes: a combining character after
    /// a quote makes one grapheme with it, and a comparison of characters would let that quote through.
    mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): append(contentsOf: "&#39;".utf8)
            case UInt8(ascii: "`"): append(contentsOf: "&#96;".utf8)
            default: append(byte)
            }
        }
    }
}
