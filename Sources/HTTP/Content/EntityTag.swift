// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Creates and compares entity tags (RFC 9110 8.8.3 and 13.1).
public enum EntityTag {
    /// `"text"`; nil when `text` has a character that a tag must not contain.
    public static func strong(_ text: String) -> String? {
        text.utf8.allSatisfy { $0 >= 0x21 && $0 < 0x7F && $0 != UInt8(ascii: "\"") } ? "\"\(text)\"" : nil
    }

    /// True when the value of If-None-Match is `*` or a list that contains `tag`. Weak tags in the list count as well.
    public static func ifNoneMatch(_ value: String, matches tag: String) -> Bool {
        value == "*" || list(value).contains { $0.tag == tag }
    }

    /// True when the value of If-Match is `*` or a list that contains `tag`. Weak tags in the list do not count.
    public static func ifMatch(_ value: String, matches tag: String) -> Bool {
        value == "*" || list(value).contains { !$0.isWeak && $0.tag == tag }
    }

    /// The tags of a list with their quotes; invalid items are left out.
    private static func list(_ value: String) -> [(tag: Substring, isWeak: Bool)] {
        var tags: [(Substring, Bool)] = []
        var rest = value[...].utf8
        while let first = rest.first {
            let isWeak = Substring(rest).hasPrefix("W/\"")
            if isWeak { rest = rest.dropFirst(2) }
            guard isWeak || first == UInt8(ascii: "\"") else {
                rest = rest.dropFirst()
                continue
            }
            guard let close = rest.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else { break }
            tags.append((Substring(rest[...close]), isWeak))
            rest = rest[rest.index(after: close)...]
        }
        return tags
    }
}
