// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// How settings stand in text: lists with commas, "left out" as the empty text.
public enum SettingText {
    public static func list(_ entries: [some CustomStringConvertible]) -> String { entries.map(\.description).joined(separator: ", ") }
    public static func endpoint(_ endpoint: HostPort?) -> String { endpoint?.description ?? "" }

    /// The entries of a list; nil when one of them is not an entry.
    public static func entries<T>(_ text: String, _ parse: (String) -> T?) -> [T]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let entries = parts.compactMap { parse(String($0.drop { $0 == " " })) }
        return entries.count == parts.count ? entries : nil
    }
}
