// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// Entries with host bits in a form that was just saved. The page after the save says what became of them, because the saved list no longer
/// shows it.
struct RoundedEntries {
    /// The name in the query of that page.
    static let field = "rounded"
    /// The most entries to mention.
    private static let maximumEntries = 8

    private let entries: [String]

    /// The entries of the lists in a form; nil if none has host bits.
    init?(_ inputs: Inputs) {
        let isOwn = inputs.text("allowed_ips_source") == "custom"
        self.init(text: [isOwn ? inputs.text("allowed_ips") : "", inputs.text("routes")].joined(separator: ","))
    }

    /// Reads the query. Ignores everything that is not a prefix with host bits.
    init?(text: String) {
        entries = Entry.list(text).filter { Self.network(of: $0) != nil }
        if entries.isEmpty { return nil }
    }

    var text: String { entries.prefix(Self.maximumEntries).joined(separator: ",") }

    var sentence: Phrase {
        entries.prefix(Self.maximumEntries).compactMap { entry in Self.network(of: entry).map { Phrase("\(entry) was saved as \($0).") } }.joined()
    }

    /// The network that an entry with host bits is saved as.
    private static func network(of entry: String) -> IPPrefix? {
        guard let prefix = IPPrefix(entry), let address = entry.split(separator: "/").first.flatMap({ IPAddress($0) }) else { return nil }
        return address == prefix.address ? nil : prefix
    }
}
