// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// How a list stands in stored text: a comma and a blank between the entries. Entries hold neither.
public enum ListText {
    public static func text(_ entries: [some CustomStringConvertible]) -> String { entries.map(\.description).joined(separator: ", ") }

    /// The entries of a list; nil when one of them is not an entry.
    public static func entries<T>(_ text: String, _ parse: (String) -> T?) -> [T]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let entries = parts.compactMap { parse(String($0.drop { $0 == " " })) }
        return entries.count == parts.count ? entries : nil
    }
}
