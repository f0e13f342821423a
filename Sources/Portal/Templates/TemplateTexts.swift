// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Finds what people read in the source of a template and puts a translation in its place.
///
/// A text is what stands between two boundaries – tags of blocks and fields, sections, partials – with the inline tags and `{{values}}`
/// inside it. A catalog sees inline tags without attributes, the second of one name as `<a2>`; blanks and line ends count as one blank.
/// The attributes `title`, `placeholder`, `aria-label`, `alt` are texts
/// too, and those that style sheet and scripts show: `data-label`, `data-known`, `data-failed`. Blocks that fill a tag (`type`, `class`, `main_class`,
/// `attributes`) are none, but for those attributes.
struct TemplateTexts {
    private static let inline: Set<String> = [
        "a", "abbr", "b", "bdi", "br", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time",
        "u", "var", "wbr",
    ]
    private static let empty: Set<String> = ["br", "wbr"]
    /// What stands in these alone is not language.
    private static let literal: Set<String> = ["code", "kbd", "samp"]
    private static let insideTags: Set<String> = ["type", "class", "main_class", "attributes"]
    private static let attributes: Set<String> = ["title", "placeholder", "aria-label", "alt", "data-label", "data-known", "data-failed"]

    private enum Piece {
        case text(String)
        /// `{{name}}`
        case value(String)
        /// An inline tag with its source.
        case tag(String, isClosing: Bool, String)
        /// Anything that ends a text.
        case boundary(String)
    }

    /// Asks for each text; nil leaves it as it is.
    private let translate: (String) -> String?

    /// `source` with every text replaced for which `translate` answers.
    static func replace(in source: String, _ translate: @escaping (String) -> String?) -> String {
        TemplateTexts(translate: translate).replaced(pieces(source)[...])
    }

    private init(translate: @escaping (String) -> String?) { self.translate = translate }

    private func replaced(_ pieces: ArraySlice<Piece>) -> String {
        var output = ""
        var run: [Piece] = []
        for piece in pieces {
            switch piece {
            case .boundary(let source):
                output += self.run(run[...]) + (source.hasPrefix("<") || source.hasPrefix("{{$") ? tag(source) : source)
                run = []
            case .tag(let name, let isClosing, let source): run.append(.tag(name, isClosing: isClosing, tag(source)))
            case .text, .value: run.append(piece)
            }
        }
        return output + self.run(run[...])
    }

    /// A run without boundaries. A tag whose partner lies beyond them is one itself.
    private func run(_ pieces: ArraySlice<Piece>) -> String {
        let partners = Self.partners(pieces)
        var output = ""
        var start = pieces.startIndex
        for index in pieces.indices {
            guard case .tag(let name, _, let source) = pieces[index], partners[index] == nil, !Self.empty.contains(name) else { continue }
            output += balanced(pieces[start..<index], partners) + source
            start = index + 1
        }
        return output + balanced(pieces[start...], partners)
    }

    /// A text, or elements side by side that each have their own.
    private func balanced(_ pieces: ArraySlice<Piece>, _ partners: [Int: Int]) -> String {
        let children = Self.children(pieces, partners)
        let isText = children.contains { if case .text(let text) = pieces[$0.lowerBound] { Self.hasLetters(text) } else { false } }
        guard isText else { return children.reduce("") { $0 + child(pieces[$1], partners) } }
        // A mark that stands in front, such as an empty span that is drawn, belongs to no text.
        let mark = children.first.map { $0.count == 2 ? $0.upperBound : $0.lowerBound } ?? pieces.startIndex
        return Self.source(pieces[..<mark]) + text(pieces[mark...])
    }

    private func child(_ pieces: ArraySlice<Piece>, _ partners: [Int: Int]) -> String {
        guard case .tag(let name, _, _) = pieces.first, pieces.count > 2, !Self.literal.contains(name) else { return Self.source(pieces) }
        let inside = pieces.dropFirst().dropLast()
        return Self.source(pieces.prefix(1)) + balanced(inside, partners) + Self.source(pieces.suffix(1))
    }

    /// Each text, value and element with all that is in it.
    private static func children(_ pieces: ArraySlice<Piece>, _ partners: [Int: Int]) -> [Range<Int>] {
        var children: [Range<Int>] = []
        var index = pieces.startIndex
        while index < pieces.endIndex {
            let end = partners[index].flatMap { $0 > index && $0 < pieces.endIndex ? $0 : nil } ?? index
            children.append(index..<(end + 1))
            index = end + 1
        }
        return children
    }

    private func text(_ pieces: ArraySlice<Piece>) -> String {
        var key = ""
        var tags: [String: String] = [:]
        var counts: [String: Int] = [:]
        var open: [String] = []
        for piece in pieces {
            switch piece {
            case .text(let source), .value(let source), .boundary(let source): key += source
            case .tag(let name, let isClosing, let source):
                let mark: String
                if isClosing {
                    mark = "</\(open.popLast() ?? name)>"
                } else {
                    counts[name, default: 0] += 1
                    let label = counts[name] == 1 ? name : "\(name)\(counts[name] ?? 1)"
                    if !Self.empty.contains(name) { open.append(label) }
                    mark = "<\(label)>"
                }
                tags[mark] = source
                key += mark
            }
        }
        let source = Self.source(pieces)
        let isBlank = { (character: Character) in character.isWhitespace }
        let (before, after) = (source.prefix(while: isBlank), String(source.reversed().prefix(while: isBlank).reversed()))
        guard let translation = translate(Self.collapsed(key)) else { return source }
        return before + Self.filled(translation, tags) + after
    }

    private static func filled(_ text: String, _ tags: [String: String]) -> String {
        var result = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let mark = String(rest[open...close])
            result += rest[..<open] + (tags[mark] ?? mark)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// The tag with its attributes for people replaced.
    private func tag(_ source: String) -> String {
        var result = ""
        var rest = Substring(source)
        while let equals = rest.firstRange(of: "=\"") {
            let head = rest[..<equals.upperBound]
            result += head
            rest = rest[equals.upperBound...]
            guard let quote = rest.firstIndex(of: "\"") else { break }
            let name = head.dropLast(2).split { $0.isWhitespace || $0 == "}" }.last.map(String.init) ?? ""
            let value = String(rest[..<quote])
            let isText = Self.attributes.contains(name) && Self.hasLetters(value)
            result += isText ? translate(Self.collapsed(value)) ?? value : value
            rest = rest[quote...]
        }
        return result + rest
    }

    private static func partners(_ pieces: ArraySlice<Piece>) -> [Int: Int] {
        var partners: [Int: Int] = [:]
        var open: [(name: String, index: Int)] = []
        for index in pieces.indices {
            guard case .tag(let name, let isClosing, _) = pieces[index], !empty.contains(name) else { continue }
            if !isClosing {
                open.append((name, index))
            } else if let match = open.lastIndex(where: { $0.name == name }) {
                partners[open[match].index] = index
                partners[index] = open[match].index
                open.removeSubrange(match...)
            }
        }
        return partners
    }

    private static func source(_ pieces: ArraySlice<Piece>) -> String {
        pieces.reduce(into: "") { result, piece in
            switch piece {
            case .text(let source), .value(let source), .tag(_, _, let source), .boundary(let source): result += source
            }
        }
    }

    private static func collapsed(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// Outside of `{{tags}}` and `&entities;`.
    private static func hasLetters(_ text: String) -> Bool {
        var rest = Substring(text)
        while let first = rest.first {
            if rest.hasPrefix("{{"), let end = rest.firstRange(of: "}}") {
                rest = rest[end.upperBound...]
            } else if first == "&", let end = rest.firstIndex(of: ";") {
                rest = rest[end...].dropFirst()
            } else if first.isLetter {
                return true
            } else {
                rest = rest.dropFirst()
            }
        }
        return false
    }

    private static func pieces(_ source: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(source)
        var text = ""
        func flush() {
            if !text.isEmpty { pieces.append(.text(text)) }
            text = ""
        }
        while let first = rest.first {
            if rest.hasPrefix("{{"), let end = rest.firstRange(of: "}}") {
                var end = end.upperBound
                var tag = String(rest[..<end])
                let name = tag.dropFirst(3).dropLast(2)
                if tag.hasPrefix("{{$"), insideTags.contains(String(name)), let close = rest.firstRange(of: "{{/\(name)}}") {
                    end = close.upperBound
                    tag = String(rest[..<end])
                }
                let isValue = tag.dropFirst(2).first.map { !"#^/$<>!".contains($0) } ?? false
                flush()
                pieces.append(isValue ? .value(tag) : .boundary(tag))
                rest = rest[end...]
            } else if first == "<", let tag = tag(at: rest) {
                let inside = tag.dropFirst()
                let isClosing = inside.first == "/"
                let name = inside.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber || $0 == "!" }.lowercased()
                flush()
                pieces.append(inline.contains(name) ? .tag(name, isClosing: isClosing, String(tag)) : .boundary(String(tag)))
                rest = rest[tag.endIndex...]
            } else {
                text.append(first)
                rest = rest.dropFirst()
            }
        }
        flush()
        return pieces
    }

    /// Up to the `>` that stands neither in quotes nor in a `{{tag}}`.
    private static func tag(at text: Substring) -> Substring? {
        var index = text.startIndex
        var isQuoted = false
        while index < text.endIndex {
            if text[index...].hasPrefix("{{"), let end = text[index...].firstRange(of: "}}") {
                index = end.upperBound
                continue
            }
            if text[index] == "\"" { isQuoted.toggle() }
            let next = text.index(after: index)
            if text[index] == ">", !isQuoted { return text[..<next] }
            index = next
        }
        return nil
    }
}
