// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The target of a request (RFC 9112 3.2): a path and a query, or `*` with OPTIONS.
struct Target: Hashable, Sendable {
    /// The path as received, which starts with `/` (or is `*`), without `base`.
    private(set) var rawPath: String
    /// The text after `?` as received; nil when there is none.
    let rawQuery: String?
    /// The decoded segments. `/` has none; `/a/` has `a` and an empty one. `*` has one segment that no route matches.
    private(set) var path: [String]
    /// The path that the site is below, such as `/vpn`; usually empty.
    private(set) var base = ""
    let query: Query
    /// The authority of the absolute form, which overrides the Host field.
    let authority: Authority?

    /// Throws 400 for anything but a complete and unambiguous target.
    init(_ bytes: ArraySlice<UInt8>, method: Method) throws(HTTPError) {
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") }) else {
            throw HTTPError(.badRequest, "The address holds a character that must be percent-encoded.")
        }
        var rest = bytes
        if method == .options, bytes.elementsEqual([UInt8(ascii: "*")]) {
            (rawPath, rawQuery, path, query, authority) = ("*", nil, ["*"], Query(), nil)
            return
        }
        authority = try Self.takeAuthority(&rest)
        if authority != nil, rest.first != UInt8(ascii: "/") { rest = [UInt8(ascii: "/")] + rest }
        guard rest.first == UInt8(ascii: "/") else {
            throw HTTPError(.badRequest, "The address must begin with a slash.")
        }
        let path = rest.prefix { $0 != UInt8(ascii: "?") }
        rawPath = String(decoding: path, as: UTF8.self)
        self.path = try Self.segments(of: path.dropFirst())
        let query = rest[path.endIndex...]
        rawQuery = query.isEmpty ? nil : String(decoding: query.dropFirst(), as: UTF8.self)
        self.query = try Query(decoding: query.dropFirst())
    }

    /// Makes this a target of a site below `base`. Removes `base` from the path unless a proxy did so. `/vpn` alone is `/`.
    mutating func enter(base: String) {
        self.base = base
        guard !base.isEmpty, rawPath == base || rawPath.hasPrefix("\(base)/") else { return }
        let count = base.utf8.count(where: { $0 == UInt8(ascii: "/") })
        rawPath = rawPath == base ? "/" : String(rawPath.dropFirst(base.count))
        path = rawPath == "/" ? [] : Array(path.dropFirst(count))
    }

    /// Removes `http://authority` from the front, if present (RFC 9112 3.2.2).
    private static func takeAuthority(_ rest: inout ArraySlice<UInt8>) throws(HTTPError) -> Authority? {
        for scheme in ["http://", "https://"] {
            guard rest.count >= scheme.utf8.count, zip(rest, scheme.utf8).allSatisfy({ $0.lowercased == $1 }) else { continue }
            let text = rest.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            guard let authority = Authority(String(decoding: text, as: UTF8.self)) else {
                throw HTTPError(.badRequest, "The host in the address is not valid.")
            }
            rest = rest[text.endIndex...]
            return authority
        }
        return nil
    }

    /// Splits first and then decodes once, so that an encoded slash never becomes a separator. Dot segments are refused, not resolved.
    private static func segments(of path: ArraySlice<UInt8>) throws(HTTPError) -> [String] {
        if path.isEmpty { return [] }
        var segments: [String] = []
        for part in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentDecoding.decode(part, plusIsSpace: false),
                segment != ".", segment != "..",
                segment.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") })
            else { throw HTTPError(.badRequest, "The path of the address is not valid.") }
            segments.append(segment)
        }
        return segments
    }
}
