// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// A translatable text: a template with numbered placeholders, and the arguments for them. Written as a string literal. For example,
/// `"\(name) has this address already."` has the template `{1} has this address already.`, which is also its key in a catalog. The English
/// version is the template itself, and is what `description` gives. The API, the command line and the log use it.
public struct Phrase: Sendable, Hashable {
    /// The value of a placeholder.
    public enum Argument: Sendable, Hashable {
        /// Text that is the same in all languages, such as a name, an address or digits.
        case text(String)
        /// Text that is translated with the rest of the phrase.
        case phrase(Phrase)
    }

    /// The English template, with `{1}`, `{2}` and so on for the arguments. A template with plural forms separates them by ` | `.
    public let text: String
    /// The values of the placeholders; the first one is for `{1}`.
    public let arguments: [Argument]
    /// The number that selects the plural form of `1 device | 4 devices`. Nil if there is only one form.
    public let count: Int?

    /// Creates a phrase from a template that is not a literal, such as a word that the catalog knows by its English name.
    public init(text: String, arguments: [Argument] = [], count: Int? = nil) {
        self.text = text
        self.arguments = arguments
        self.count = count
    }

    /// Creates a phrase that is the same in all languages.
    public init(verbatim text: String) {
        self.init(text: text.isEmpty ? "" : Self.verbatimText, arguments: text.isEmpty ? [] : [.text(text)])
    }

    private static let verbatimText = "{1}"

    /// Creates a phrase with plural forms: `.counting(4, "\(4) device | \(4) devices")`. English uses the first form for 1 and the second
    /// one otherwise.
    public static func counting(_ count: Int, _ forms: Phrase) -> Phrase {
        Phrase(text: forms.text, arguments: forms.arguments, count: count)
    }

    /// True if the text is empty.
    public var isEmpty: Bool { text.isEmpty }

    /// The phrase in another language. `translate` gets a template and the number for its plural form. It returns one form with the same
    /// placeholders.
    public func said(_ translate: (_ text: String, _ count: Int?) -> String) -> String {
        var result: [UInt8] = []
        pieces(translate) { result.append($0) }
        return String(decoding: result, as: UTF8.self)
    }

    /// Like `said`, but passes the texts and the arguments to `body` as UTF-8, piece by piece, in order.
    public func pieces(_ translate: (_ text: String, _ count: Int?) -> String, _ body: (Span<UInt8>) -> Void) {
        if text == Self.verbatimText, case .text(let verbatim)? = arguments.first { return body(verbatim.utf8Span.span) }
        let pattern = translate(text, count)
        let bytes = pattern.utf8Span.span
        guard !arguments.isEmpty else { return body(bytes) }
        var start = 0
        var next = 0
        while next < bytes.count {
            let place = next
            next += 1
            guard bytes[place] == UInt8(ascii: "{"), let argument = argument(bytes, &next) else { continue }
            if start < place { body(bytes.extracting(start..<place)) }
            start = next
            switch argument {
            case .text(let text): body(text.utf8Span.span)
            case .phrase(let phrase): phrase.pieces(translate, body)
            }
        }
        if start < bytes.count { body(bytes.extracting(start..<bytes.count)) }
    }

    /// The argument of the placeholder whose digits begin at `next`, which moves past it; nil if there is none.
    private func argument(_ bytes: Span<UInt8>, _ next: inout Int) -> Argument? {
        var number = 0
        while next < bytes.count, bytes[next].isDigit, number <= arguments.count {
            number = number * 10 + Int(bytes[next] - UInt8(ascii: "0"))
            next += 1
        }
        guard next < bytes.count, bytes[next] == UInt8(ascii: "}"), arguments.indices.contains(number - 1) else { return nil }
        next += 1
        return arguments[number - 1]
    }

    /// The English plural form for a number.
    public static func english(_ text: String, _ count: Int?) -> String {
        guard let count else { return text }
        let forms = forms(of: text)
        return forms[count == 1 ? 0 : forms.count - 1]
    }

    /// The plural forms of a template, at least one.
    public static func forms(of text: String) -> [String] {
        let (bytes, bar) = (Array(text.utf8), Array(" | ".utf8))
        var forms: [String] = []
        var start = 0
        var next = 0
        while let space = bytes[next...].firstIndex(of: bar[0]) {
            next = space + 1
            guard bytes[space...].starts(with: bar) else { continue }
            forms.append(String(decoding: bytes[start..<space], as: UTF8.self))
            start = space + bar.count
            next = start
        }
        return forms + [String(decoding: bytes[start...], as: UTF8.self)]
    }
}

extension Phrase: CustomStringConvertible {
    /// The English text.
    public var description: String { said(Phrase.english) }
}

extension Phrase: ExpressibleByStringInterpolation {
    /// Collects the template and the arguments of a literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        public var text = ""
        public var arguments: [Argument] = []

        /// Called by the compiler for a literal.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            arguments.reserveCapacity(interpolationCount)
        }
        /// Called by the compiler for a literal.
        public mutating func appendLiteral(_ literal: String) { text += literal }
        /// Adds a placeholder for text that is the same in all languages.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) { append(.text(value.description)) }
        /// Adds a placeholder for text that is translated.
        public mutating func appendInterpolation(_ phrase: Phrase) { append(.phrase(phrase)) }

        private mutating func append(_ argument: Argument) {
            arguments.append(argument)
            text += "{"
            text += String(arguments.count)
            text += "}"
        }
    }

    /// Creates a phrase from a literal without placeholders.
    public init(stringLiteral text: String) { self.init(text: text) }
    /// Creates a phrase from a literal with placeholders.
    public init(stringInterpolation: StringInterpolation) {
        self.init(text: stringInterpolation.text, arguments: stringInterpolation.arguments)
    }
}

extension Sequence<Phrase> {
    /// Joins the phrases and omits empty ones.
    public func joined(separator: String = " ") -> Phrase {
        let phrases = filter { !$0.isEmpty }
        if phrases.count < 2 { return phrases.first ?? "" }
        let holes = phrases.indices.map { "{\($0 + 1)}" }.joined(separator: separator)
        return Phrase(text: holes, arguments: phrases.map { .phrase($0) })
    }
}
