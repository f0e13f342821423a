// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A piece of a template. Linking (see `TemplateLinker`) removes the last three cases.
indirect enum TemplateNode: Sendable {
    case bytes([UInt8])
    case value([String], TemplateError.Place)
    /// Where an attribute begins that has an address of this site. See `TemplateAddresses`.
    case base
    /// The value of an attribute that has an address. If it is one of this site, `base` comes before it.
    case address([String], TemplateError.Place)
    case section([String], inverted: Bool, [TemplateNode], TemplateError.Place)
    case partial(String, TemplateError.Place)
    case block(String, [TemplateNode], TemplateError.Place)
    case layout(String, [TemplateNode], TemplateError.Place)
}

/// Reads the subset of Mustache that our pages use: `{{a.b}}` and `{{.}}` values, `{{#a}}` sections, `{{^a}}` inverted sections, `{{>file}}`
/// partials, `{{$name}}` blocks, `{{<file}}` a layout with its blocks filled, `{{! comments}}`. A line with only one tag, other than a value,
/// produces no line of output.
struct TemplateParser {
    private let file: String
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var lineStart = 0

    static func parse(_ text: String, file: String) throws(TemplateError) -> [TemplateNode] {
        var parser = TemplateParser(file: file, bytes: Array(text.utf8))
        return TemplateAddresses.mark(try parser.nodes(until: nil))
    }

    private init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// The nodes up to the closing tag of `open`, or to the end of the file.
    private mutating func nodes(until open: (name: String, place: TemplateError.Place)?) throws(TemplateError) -> [TemplateNode] {
        var nodes: [TemplateNode] = []
        while let tag = try nextTag(into: &nodes) {
            switch tag.sigil {
            case "#", "^":
                let body = try self.nodes(until: (tag.name, tag.place))
                nodes.append(.section(path(tag.name), inverted: tag.sigil == "^", body, tag.place))
            case "$": nodes.append(.block(tag.name, try self.nodes(until: (tag.name, tag.place)), tag.place))
            case "<": nodes.append(.layout(tag.name, try self.nodes(until: (tag.name, tag.place)), tag.place))
            case ">": nodes.append(.partial(tag.name, tag.place))
            case "!": continue
            case "/":
                guard tag.name == open?.name else { throw .unexpectedClose(tag.name, tag.place) }
                return nodes
            default: nodes.append(.value(path(tag.name), tag.place))
            }
        }
        if let open { throw .unclosedSection(open.name, open.place) }
        return nodes
    }

    private struct Tag {
        var sigil: Character
        var name: String
        var place: TemplateError.Place
    }

    /// Appends the text before the next tag to `nodes` and returns the tag; nil at the end of the file.
    private mutating func nextTag(into nodes: inout [TemplateNode]) throws(TemplateError) -> Tag? {
        let textStart = position
        while position < bytes.count, !(bytes[position] == 0x7B && position + 1 < bytes.count && bytes[position + 1] == 0x7B) {
            advance()
        }
        var textEnd = position
        guard position < bytes.count else {
            if textStart < textEnd { nodes.append(.bytes(Array(bytes[textStart..<textEnd]))) }
            return nil
        }
        let place = TemplateError.Place(file: file, line: line, column: position - lineStart + 1)
        let inside = position + 2
        var end = inside
        while end + 1 < bytes.count, !(bytes[end] == 0x7D && bytes[end + 1] == 0x7D) { end += 1 }
        guard end + 1 < bytes.count else { throw .unclosedTag(place) }
        let tag = try self.tag(String(decoding: bytes[inside..<end], as: UTF8.self), place)
        let before = lineStart
        while position < end + 2 { advance() }
        if tag.sigil != " ", isBlank(max(before, textStart)..<textEnd), before >= textStart, let next = restOfLineIsBlank() {
            textEnd = before
            while position < next { advance() }
        }
        if textStart < textEnd { nodes.append(.bytes(Array(bytes[textStart..<textEnd]))) }
        return tag
    }

    private func tag(_ text: String, _ place: TemplateError.Place) throws(TemplateError) -> Tag {
        guard let first = text.first else { throw .badTag(text, place) }
        if first == "!" { return Tag(sigil: "!", name: "", place: place) }
        let sigil: Character = "#^/><$".contains(first) ? first : " "
        let name = sigil == " " ? text : String(text.dropFirst())
        let isName = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 46 }
        guard isName, !name.isEmpty, name == "." || !(name.hasPrefix(".") || name.hasSuffix(".") || name.contains("..")) else {
            throw .badTag(text, place)
        }
        return Tag(sigil: sigil, name: name, place: place)
    }

    private func path(_ name: String) -> [String] { name == "." ? [] : name.split(separator: ".").map(String.init) }

    private mutating func advance() {
        if bytes[position] == 0x0A {
            line += 1
            lineStart = position + 1
        }
        position += 1
    }

    private func isBlank(_ range: Range<Int>) -> Bool { bytes[range].allSatisfy { $0 == 0x20 || $0 == 0x09 } }

    /// The index after the end of the line if the rest of the line is blank.
    private func restOfLineIsBlank() -> Int? {
        var index = position
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        guard index < bytes.count else { return index }
        return bytes[index] == 0x0A ? index + 1 : nil
    }
}
