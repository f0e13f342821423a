// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// All pages, parsed, linked with their layout and partials, and checked against the names they declare.
/// Immutable after the start; no request opens a file.
struct Templates: Sendable {
    /// What the languages say, for texts that do not stand on a page.
    let catalogs: [Language: Catalog]
    private let pages: [Language: [String: [TemplateNode]]]
    private let shapes: [String: TemplateShape]

    /// `sources` maps file names (`devices.html`, `texts.de`) to their text.
    /// Throws the first mistake with its file, line and column.
    init(sources: [String: String], pages: [Page], frame: TemplateShape) throws(TemplateError) {
        shapes = Dictionary(pages.map { ($0.name, frame.merging($0.shape)) }) { $1 }
        var catalogs: [Language: Catalog] = [:]
        var linked: [Language: [String: [TemplateNode]]] = [:]
        for language in Language.allCases {
            let catalog = sources["texts.\(language.rawValue)"].map { Catalog(language: language, reading: $0) } ?? .english
            catalogs[language] = catalog
            linked[language] = try Self.link(pages, shapes, sources, catalog)
        }
        self.catalogs = catalogs
        self.pages = linked
    }

    /// The pages in one language.
    private static func link(
        _ pages: [Page], _ shapes: [String: TemplateShape], _ sources: [String: String], _ catalog: Catalog
    ) throws(TemplateError) -> [String: [TemplateNode]] {
        var parsed: [String: [TemplateNode]] = [:]
        for (file, text) in sources.sorted(by: { $0.key < $1.key }) where file.hasSuffix(".html") {
            let text = catalog.language == .english ? text : TemplateTexts.replace(in: text) { catalog.text($0, in: file) }
            parsed[String(file.dropLast(5))] = try TemplateParser.parse(text, file: file)
        }
        let linker = TemplateLinker(templates: parsed)
        var linked: [String: [TemplateNode]] = [:]
        for page in pages {
            guard let nodes = parsed[page.name], let shape = shapes[page.name] else { throw .missingPage(page.name) }
            let result = try linker.link(nodes, blocks: [:], chain: [page.name])
            try check(result, [shape])
            linked[page.name] = result
        }
        return linked
    }

    /// `phrase` as pages of `language` say it.
    func say(_ phrase: Phrase, in language: Language) -> String { (catalogs[language] ?? .english).say(phrase) }

    /// The page as UTF-8 HTML. Throws `.missingValue` when `values` lacks a name the template asks for.
    func render(_ page: Page, _ values: [String: TemplateValue], in language: Language) throws(TemplateError) -> [UInt8] {
        guard let nodes = pages[language]?[page.name], let shape = shapes[page.name] else { throw .missingPage(page.name) }
        assert(shape.accepts(.object(values)), "\(page.name): the values differ from the names that the page declares")
        var output: [UInt8] = []
        output.reserveCapacity(16_384)
        try write(nodes, [.object(values)], catalogs[language] ?? .english, &output)
        return output
    }
}

/// Follows every name through the declared shapes, innermost first.
private func check(_ nodes: [TemplateNode], _ scopes: [TemplateShape]) throws(TemplateError) {
    for node in nodes {
        switch node {
        case .value(let path, let place): _ = try kind(path, scopes, place)
        case .section(let path, let inverted, let body, let place):
            switch try kind(path, scopes, place) {
            case .object(let shape) where !inverted, .list(let shape) where !inverted: try check(body, scopes + [shape])
            default: try check(body, scopes)
            }
        case .bytes, .partial, .block, .layout: break
        }
    }
}

private func kind(_ path: [String], _ scopes: [TemplateShape], _ place: TemplateError.Place) throws(TemplateError) -> TemplateShape.Kind {
    guard let first = path.first else { return .scalar }
    guard var kind = scopes.last(where: { $0.fields[first] != nil })?.fields[first] else {
        throw .unknownName(path.joined(separator: "."), place)
    }
    for name in path.dropFirst() {
        guard case .object(let shape) = kind, let next = shape.fields[name] else {
            throw .unknownName(path.joined(separator: "."), place)
        }
        kind = next
    }
    return kind
}

private func write(
    _ nodes: [TemplateNode], _ scopes: [TemplateValue], _ catalog: Catalog, _ output: inout [UInt8]
) throws(TemplateError) {
    for node in nodes {
        switch node {
        case .bytes(let bytes): output += bytes
        case .value(let path, let place):
            switch try find(path, scopes, place) {
            case .text(let text): output.appendEscaped(text)
            case .phrase(let phrase): output.appendEscaped(catalog.say(phrase))
            case .flag, .list, .object: throw .wrongKind(path.joined(separator: "."), place)
            }
        case .section(let path, let inverted, let body, let place):
            let value = try find(path, scopes, place)
            guard value.isTrue != inverted else { continue }
            switch value {
            case .list(let items) where !inverted:
                for item in items { try write(body, scopes + [item], catalog, &output) }
            case .object where !inverted: try write(body, scopes + [value], catalog, &output)
            default: try write(body, scopes, catalog, &output)
            }
        case .partial, .block, .layout: break
        }
    }
}

private func find(_ path: [String], _ scopes: [TemplateValue], _ place: TemplateError.Place) throws(TemplateError) -> TemplateValue {
    guard let first = path.first, var value = scopes.reversed().lazy.compactMap({ $0[first] }).first else {
        if path.isEmpty, let current = scopes.last { return current }
        throw .missingValue(path.joined(separator: "."), place)
    }
    for name in path.dropFirst() {
        guard let next = value[name] else { throw .missingValue(path.joined(separator: "."), place) }
        value = next
    }
    return value
}

extension TemplateValue {
    fileprivate subscript(name: String) -> TemplateValue? {
        guard case .object(let fields) = self else { return nil }
        return fields[name]
    }
}
