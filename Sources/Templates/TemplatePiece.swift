// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A piece of a template's source, as needed to find its texts.
enum TemplatePiece {
    case text(String)
    /// `{{name}}`
    case value(String)
    /// The name and source of an inline tag.
    case tag(String, isClosing: Bool, String)
    /// Source that ends a text.
    case boundary(String)

    private static let inline: Set<String> = [
        "a", "abbr", "b", "bdi", "br", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time",
        "u", "var", "wbr",
    ]
    /// Inline tags without a closing tag.
    static let empty: Set<String> = ["br", "wbr"]
    /// Blocks of layouts and partials whose content goes inside a tag.
    private static let insideTags: Set<String> = ["type", "class", "main_class", "attributes"]

    /// The whole source as pieces, in order.
    static func pieces(of source: String) -> [TemplatePiece] {
        var pieces: [TemplatePiece] = []
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

    /// The tag up to its `>`. A `>` inside quotes or inside a `{{tag}}` does not count.
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

    /// For each inline tag, the index of its partner, if that is among `pieces`.
    static func partners(_ pieces: ArraySlice<TemplatePiece>) -> [Int: Int] {
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

    /// The original source.
    static func source(_ pieces: ArraySlice<TemplatePiece>) -> String {
        pieces.reduce(into: "") { result, piece in
            switch piece {
            case .text(let source), .value(let source), .tag(_, _, let source), .boundary(let source): result += source
            }
        }
    }
}
