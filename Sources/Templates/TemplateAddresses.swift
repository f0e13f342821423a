// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Finds the places in templates where an address of this site begins, such as `href="/devices"` or `href="{{link}}"`. When the site is below a
/// path of its own (`https://example.org/vpn/`), that path is written there. Templates and models need not know it.
enum TemplateAddresses {
    /// The attributes that contain addresses.
    static let attributes = ["href", "src", "action", "formaction", "data-events", "data-suggest"]

    private static let starts = attributes.map { Array(" \($0)=\"".utf8) }

    /// Adds `.base` and `.address` to the nodes of one file.
    static func mark(_ nodes: [TemplateNode]) -> [TemplateNode] {
        var result: [TemplateNode] = []
        var isInAddress = false
        for node in nodes {
            switch node {
            case .bytes(let bytes):
                split(bytes, into: &result)
                isInAddress = starts.contains { bytes.count >= $0.count && bytes.suffix($0.count).elementsEqual($0) }
                continue
            case .value(let path, let place): result.append(isInAddress ? .address(path, place) : node)
            case .section(let path, let inverted, let body, let place): result.append(.section(path, inverted: inverted, mark(body), place))
            case .block(let name, let body, let place): result.append(.block(name, mark(body), place))
            case .layout(let name, let body, let place): result.append(.layout(name, mark(body), place))
            case .base, .address, .partial: result.append(node)
            }
            isInAddress = false
        }
        return result
    }

    /// Appends the bytes, with `.base` before each address that begins in them. `//` begins another host, not a path.
    private static func split(_ bytes: [UInt8], into result: inout [TemplateNode]) {
        var start = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "/") {
            guard starts.contains(where: { index - start >= $0.count && bytes[(index - $0.count)..<index].elementsEqual($0) }),
                index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: "/")
            else { continue }
            result += [.bytes(Array(bytes[start..<index])), .base]
            start = index
        }
        if start < bytes.count { result.append(.bytes(Array(bytes[start...]))) }
    }
}
