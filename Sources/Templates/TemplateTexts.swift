// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Finds the texts that people read in a template's source and replaces them with translations.
///
/// A text is the source between two boundaries (block and field tags, sections, partials), including the inline tags and `{{values}}` in it. A
/// catalog sees inline tags without attributes, the second tag of the same name as `<a2>`. Runs of whitespace count as one space. The attributes
/// `title`, `placeholder`, `aria-label` and `alt` are also texts, and so are `data-label`, `data-known` and `data-failed`, which the style sheet
/// and scripts show. Blocks whose content goes inside a tag (`type`, `class`, `main_class`, `attributes`) are not texts, except for those
/// attributes in them.
struct TemplateTexts {
    /// The content of these elements alone is not language.
    private static let literal: Set<String> = ["code", "kbd", "samp"]
    private static let attributes: Set<String> = ["title", "placeholder", "aria-label", "alt", "data-label", "data-known", "data-failed"]

    /// Returns the translation of a text; nil keeps the text.
    private let translate: (String) -> String?

    /// `source` with every text replaced for which `translate` returns a translation.
    static func replace(in source: String, _ translate: @escaping (String) -> String?) -> String {
        TemplateTexts(translate: translate).replaced(TemplatePiece.pieces(of: source)[...])
    }

    private init(translate: @escaping (String) -> String?) { self.translate = translate }

    private func replaced(_ pieces: ArraySlice<TemplatePiece>) -> String {
        var output = ""
        var run: [TemplatePiece] = []
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

    /// Replaces texts in a run without boundaries. A tag whose partner is outside the run is a boundary too.
    private func run(_ pieces: ArraySlice<TemplatePiece>) -> String {
        let partners = TemplatePiece.partners(pieces)
        var output = ""
        var start = pieces.startIndex
        for index in pieces.indices {
            guard case .tag(let name, _, let source) = pieces[index], partners[index] == nil, !TemplatePiece.empty.contains(name) else { continue }
            output += balanced(pieces[start..<index], partners) + source
            start = index + 1
        }
        return output + balanced(pieces[start...], partners)
    }

    /// Replaces one text, or neighbouring elements that each have their own text.
    private func balanced(_ pieces: ArraySlice<TemplatePiece>, _ partners: [Int: Int]) -> String {
        let children = Self.children(pieces, partners)
        let isText = children.contains { if case .text(let text) = pieces[$0.lowerBound] { Self.hasLetters(text) } else { false } }
        guard isText else { return children.reduce("") { $0 + child(pieces[$1], partners) } }
        // A leading mark, such as an empty span drawn by the style sheet, is not part of the text.
        let mark = children.first.map { $0.count == 2 ? $0.upperBound : $0.lowerBound } ?? pieces.startIndex
        return TemplatePiece.source(pieces[..<mark]) + text(pieces[mark...])
    }

    private func child(_ pieces: ArraySlice<TemplatePiece>, _ partners: [Int: Int]) -> String {
        guard case .tag(let name, _, _) = pieces.first, pieces.count > 2, !Self.literal.contains(name) else { return TemplatePiece.source(pieces) }
        let inside = pieces.dropFirst().dropLast()
        return TemplatePiece.source(pieces.prefix(1)) + balanced(inside, partners) + TemplatePiece.source(pieces.suffix(1))
    }

    /// Splits pieces into texts, values and elements with their content.
    private static func children(_ pieces: ArraySlice<TemplatePiece>, _ partners: [Int: Int]) -> [Range<Int>] {
        var children: [Range<Int>] = []
        var index = pieces.startIndex
        while index < pieces.endIndex {
            let end = partners[index].flatMap { $0 > index && $0 < pieces.endIndex ? $0 : nil } ?? index
            children.append(index..<(end + 1))
            index = end + 1
        }
        return children
    }

    private func text(_ pieces: ArraySlice<TemplatePiece>) -> String {
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
                    if !TemplatePiece.empty.contains(name) { open.append(label) }
                    mark = "<\(label)>"
                }
                tags[mark] = source
                key += mark
            }
        }
        let source = TemplatePiece.source(pieces)
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

    /// The tag with its translatable attributes replaced.
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

    private static func collapsed(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// Ignores `{{tags}}` and `&entities;`.
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
}
