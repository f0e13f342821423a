// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Resolves partials and layouts, so that a linked template has only bytes, values and sections.
struct TemplateLinker {
    let templates: [String: [TemplateNode]]

    func link(_ nodes: [TemplateNode], blocks: [String: [TemplateNode]], chain: [String]) throws(TemplateError) -> [TemplateNode] {
        var result: [TemplateNode] = []
        for node in nodes {
            switch node {
            case .bytes, .value, .base, .address: result.append(node)
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
            case .bytes, .value, .base, .address, .partial: break
            }
        }
    }
}
