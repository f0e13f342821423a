// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// How long a text is. Limits for people count Unicode scalars, as `maxLength` in JSON Schema does; limits of storage count bytes of UTF-8.
// Neither counts what Swift calls characters: a single one may hold any number of scalars, and so any number of bytes.

extension StringProtocol {
    /// The number of Unicode scalars.
    public var scalarCount: Int { unicodeScalars.count }

    /// The beginning, with at most `limit` scalars. A character is split only if it alone is longer.
    public func first(scalars limit: Int) -> String { first(limit) { $0.unicodeScalars.count } }

    /// The beginning, with at most `limit` bytes of UTF-8. A character is split only if it alone is longer, and then between scalars.
    public func first(bytes limit: Int) -> String { first(limit) { $0.utf8.count } }

    /// The end, with at most `limit` scalars.
    public func last(scalars limit: Int) -> String { String(String(reversed()).first(scalars: limit).reversed()) }

    private func first(_ limit: Int, _ length: (Substring) -> Int) -> String {
        // Every character has at least one byte, so the text after this many characters does not matter.
        let text = Substring(prefix(limit))
        if length(text) <= limit { return String(text) }
        var (end, used) = (text.startIndex, 0)
        while end < text.endIndex {
            let next = text.index(after: end)
            let more = length(text[end..<next])
            guard used + more <= limit else { break }
            (end, used) = (next, used + more)
        }
        if end > text.startIndex { return String(text[..<end]) }
        var scalars = Substring.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(scalar)
            guard length(Substring(scalars)) <= limit else {
                scalars.removeLast()
                break
            }
        }
        return String(Substring(scalars))
    }
}
