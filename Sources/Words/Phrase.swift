// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Words for people that can be said in another language: a text with numbered holes, and what goes into them. It is written as a literal;
/// `"\(name) has this address already."` has the text `{1} has this address already.`, by which a catalog knows it.
/// The English is the text itself, and `description`: what the API, the command line and the log say.
public struct Phrase: Sendable, Hashable {
    /// What fills a hole.
    public enum Argument: Sendable, Hashable {
        /// Stays as it is in every language: a name, an address, digits.
        case text(String)
        /// Is said in the language of the whole.
        case phrase(Phrase)
    }

    /// The English with `{1}`, `{2}` and so on for the arguments. One that counts has its forms with ` | ` between them.
    public let text: String
    /// For the holes, the first for `{1}`.
    public let arguments: [Argument]
    /// What the form depends on: `1 device | 4 devices`. Nil where there is one form.
    public let count: Int?

    /// A text with holes that is not a literal, such as a word that is known by its name in English.
    public init(text: String, arguments: [Argument] = [], count: Int? = nil) {
        self.text = text
        self.arguments = arguments
        self.count = count
    }

    /// Something that is the same in every language.
    public init(verbatim text: String) {
        self.init(text: text.isEmpty ? "" : Self.verbatimText, arguments: text.isEmpty ? [] : [.text(text)])
    }

    private static let verbatimText = "{1}"

    /// One of the forms of `forms`, by number: `.counting(4, "\(4) device | \(4) devices")`. English takes the first for 1, else the second.
    public static func counting(_ count: Int, _ forms: Phrase) -> Phrase {
        Phrase(text: forms.text, arguments: forms.arguments, count: count)
    }

    /// True when there is nothing to say.
    public var isEmpty: Bool { text.isEmpty }

    /// What a catalog makes of it. `translate` gets a text and the number it counts, and answers one form with the same holes.
    public func said(_ translate: (_ text: String, _ count: Int?) -> String) -> String {
        var result = ""
        pieces(translate) { result += $0 }
        return result
    }

    /// The same, piece by piece in its order: what stands between the holes and what fills them.
    public func pieces(_ translate: (_ text: String, _ count: Int?) -> String, _ body: (Substring) -> Void) {
        if text == Self.verbatimText, case .text(let verbatim)? = arguments.first { return body(verbatim[...]) }
        let pattern = translate(text, count)
        guard !arguments.isEmpty else { return body(pattern[...]) }
        let bytes = pattern.utf8
        var start = bytes.startIndex
        while let open = bytes[start...].firstIndex(of: UInt8(ascii: "{")) {
            let inside = bytes.index(after: open)
            guard let close = bytes[inside...].firstIndex(of: UInt8(ascii: "}")), let number = Int(pattern[inside..<close]),
                arguments.indices.contains(number - 1)
            else {
                body(pattern[start..<inside])
                start = inside
                continue
            }
            if start < open { body(pattern[start..<open]) }
            switch arguments[number - 1] {
            case .text(let text): body(text[...])
            case .phrase(let phrase): phrase.pieces(translate, body)
            }
            start = bytes.index(after: close)
        }
        if start < bytes.endIndex { body(pattern[start...]) }
    }

    /// The English form for a number.
    public static func english(_ text: String, _ count: Int?) -> String {
        guard let count else { return text }
        let forms = forms(of: text)
        return forms[count == 1 ? 0 : forms.count - 1]
    }

    /// The forms of a text that counts, at least one.
    public static func forms(of text: String) -> [String] {
        var forms: [String] = []
        var rest = Substring(text)
        while let bar = rest.firstRange(of: " | ") {
            forms.append(String(rest[..<bar.lowerBound]))
            rest = rest[bar.upperBound...]
        }
        return forms + [String(rest)]
    }
}

extension Phrase: CustomStringConvertible {
    /// The English.
    public var description: String { said(Phrase.english) }
}

extension Phrase: ExpressibleByStringInterpolation {
    /// Gathers the text and the arguments of a literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        public var text = ""
        public var arguments: [Argument] = []

        /// Part of a literal; nothing else calls it.
        public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity + 3 * interpolationCount) }
        /// Part of a literal; nothing else calls it.
        public mutating func appendLiteral(_ literal: String) { text += literal }
        /// A hole for something that is the same in every language.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) { append(.text(value.description)) }
        /// A hole for something that is said in the language of the whole.
        public mutating func appendInterpolation(_ phrase: Phrase) { append(.phrase(phrase)) }

        private mutating func append(_ argument: Argument) {
            arguments.append(argument)
            text += "{\(arguments.count)}"
        }
    }

    /// A literal without holes.
    public init(stringLiteral text: String) { self.init(text: text) }
    /// A literal with holes.
    public init(stringInterpolation: StringInterpolation) {
        self.init(text: stringInterpolation.text, arguments: stringInterpolation.arguments)
    }
}

extension Sequence<Phrase> {
    /// One after the other, those that say nothing left out.
    public func joined(separator: String = " ") -> Phrase {
        let phrases = filter { !$0.isEmpty }
        if phrases.count < 2 { return phrases.first ?? "" }
        let holes = phrases.indices.map { "{\($0 + 1)}" }.joined(separator: separator)
        return Phrase(text: holes, arguments: phrases.map { .phrase($0) })
    }
}
