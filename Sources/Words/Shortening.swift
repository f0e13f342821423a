// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// Texts of any length where there is room for some.

extension String {
    /// The first `count - 1` characters and an ellipsis; the whole where it is no longer.
    public func shortened(to count: Int) -> String { self.count > count ? prefix(count - 1) + "…" : self }

    /// The same with the ellipsis inside: names often differ at their ends.
    public func shortenedInside(to count: Int) -> String {
        self.count > count ? prefix(count / 2) + "…" + suffix((count - 1) / 2) : self
    }
}

extension Phrase {
    /// The first of many entries and how many more there are.
    public static func first(_ count: Int, of entries: [some StringProtocol]) -> Phrase {
        let shown = Phrase(verbatim: entries.prefix(count).joined(separator: ", "))
        let more = entries.count - count
        return more > 0 ? "\(shown) and \(Amount.count(more)) more" : shown
    }
}
