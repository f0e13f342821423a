// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A page: its file in Templates and the names that the file may use.
struct Page: Sendable {
    let name: String
    let shape: TemplateShape

    init(_ name: String, _ shape: TemplateShape) {
        self.name = name
        self.shape = shape
    }
}

/// All pages, parsed, linked with their layout and partials, and checked against the names they declare.
/// Immutable after the start; no request opens a file.
struct Templates: Sendable {
    private let pages: [String: [TemplateNode]]
    private let shapes: [String: TemplateShape]

    /// `sources` maps file names (`devices.html`) to their text.
    /// Throws the first mistake with its file, line and column.
    init(sources: [String: String], pages: [Page], frame: TemplateShape) throws(TemplateError) {
        var parsed: [String: [TemplateNode]] = [:]
        for (file, text) in sources.sorted(by: { $0.key < $1.key }) where file.hasSuffix(".html") {
            parsed[String(file.dropLast(5))] = try TemplateParser.parse(text, file: file)
        }
        let linker = Linker(templates: parsed)
        var linked: [String: [TemplateNode]] = [:]
        var shapes: [String: TemplateShape] = [:]
        for page in pages {
            guard let nodes = parsed[page.name] else { throw .missingPage(page.name) }
            let shape = frame.merging(page.shape)
            let result = try linker.link(nodes, blocks: [:], chain: [page.name])
            try check(result, [shape])
            linked[page.name] = result
            shapes[page.name] = shape
        }
        self.pages = linked
        self.shapes = shapes
    }

    /// The page as UTF-8 HTML. Throws `.missingValue` when `values` lacks a name the template asks for.
    func render(_ page: Page, _ values: [String: TemplateValue]) throws(TemplateError) -> [UInt8] {
        guard let nodes = pages[page.name], let shape = shapes[page.name] else { throw .missingPage(page.name) }
        assert(shape.accepts(.object(values)), "\(page.name): the values differ from the names that the page declares")
        var output: [UInt8] = []
        output.reserveCapacity(16_384)
        try write(nodes, [.object(values)], &output)
        return output
    }
}

/// Puts partials and layouts in place, so that a linked template has only bytes, values and sections.
private struct Linker {
    let templates: [String: [TemplateNode]]

    func link(_ nodes: [TemplateNode], blocks: [String: [TemplateNode]], chain: [String]) throws(TemplateError) -> [TemplateNode] {
        var result: [TemplateNode] = []
        for node in nodes {
            switch node {
            case .bytes, .value: result.append(node)
            case .section(let path, let inverted, let body, let place):
                result.append(.section(path, inverted: inverted, try link(body, blocks: blocks, chain: chain), place))
            case .partial(let name, let place):
                result += try link(try template(name, place, chain), blocks: blocks, chain: chain + [name])
            case .block(let name, let fallback, _):
                if let filled = blocks[name] {
                    result += filled
                } else {
                    result += try link(fallback, blocks: blocks, chain: chain)
                }
            case .layout(let name, let body, let place):
                let layout = try template(name, place, chain)
                let known = blockNames(layout)
                var filled = blocks
                for case .block(let block, let content, let place) in body {
                    guard known.contains(block) else { throw .unknownBlock(block, place) }
                    guard filled[block] == nil else { continue }
                    filled[block] = try link(content, blocks: blocks, chain: chain)
                }
                result += try link(layout, blocks: filled, chain: chain + [name])
            }
        }
        return result
    }

    private func template(_ name: String, _ place: TemplateError.Place, _ chain: [String]) throws(TemplateError) -> [TemplateNode] {
        guard !chain.contains(name) else { throw .includesItself(name, place) }
        guard let nodes = templates[name] else { throw .missingTemplate(name, place) }
        return nodes
    }

    private func blockNames(_ nodes: [TemplateNode]) -> Set<String> {
        nodes.reduce(into: []) { names, node in
            switch node {
            case .block(let name, let body, _): names.formUnion(blockNames(body).union([name]))
            case .section(_, _, let body, _), .layout(_, let body, _): names.formUnion(blockNames(body))
            case .bytes, .value, .partial: break
            }
        }
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

private func write(_ nodes: [TemplateNode], _ scopes: [TemplateValue], _ output: inout [UInt8]) throws(TemplateError) {
    for node in nodes {
        switch node {
        case .bytes(let bytes): output += bytes
        case .value(let path, let place):
            guard case .text(let text) = try find(path, scopes, place) else { throw .wrongKind(path.joined(separator: "."), place) }
            output.appendEscaped(text)
        case .section(let path, let inverted, let body, let place):
            let value = try find(path, scopes, place)
            guard value.isTrue != inverted else { continue }
            switch value {
            case .list(let items) where !inverted:
                for item in items { try write(body, scopes + [item], &output) }
            case .object where !inverted: try write(body, scopes + [value], &output)
            default: try write(body, scopes, &output)
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
