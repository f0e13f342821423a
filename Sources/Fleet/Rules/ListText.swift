// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The format of lists in stored text: entries separated by a comma and a space. Entries contain neither.
public enum ListText {
    public static func text(_ entries: [some CustomStringConvertible]) -> String { entries.map(\.description).joined(separator: ", ") }

    /// The entries of a list; nil if one of them is not valid.
    public static func entries<T>(_ text: String, _ parse: (String) -> T?) -> [T]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let entries = parts.compactMap { parse(String($0.drop { $0 == " " })) }
        return entries.count == parts.count ? entries : nil
    }
}
