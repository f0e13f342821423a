// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension Phrase {
    /// "10.3.2.2 or fd00::3:2:2"
    public static func any(of texts: [String]) -> Phrase { texts.reduce("") { $0.isEmpty ? Phrase(verbatim: $1) : "\($0) or \($1)" } }

    /// "10.3.2.2 and fd00::3:2:2"
    public static func all(of texts: [String]) -> Phrase { texts.reduce("") { $0.isEmpty ? Phrase(verbatim: $1) : "\($0) and \($1)" } }
}

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
