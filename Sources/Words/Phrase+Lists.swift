// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension Phrase {
    /// Joins texts with "or", such as "10.3.2.2 or fd00::3:2:2".
    public static func any(of texts: [String]) -> Phrase { texts.reduce("") { $0.isEmpty ? Phrase(verbatim: $1) : "\($0) or \($1)" } }

    /// Joins texts with "and", such as "10.3.2.2 and fd00::3:2:2".
    public static func all(of texts: [String]) -> Phrase { texts.reduce("") { $0.isEmpty ? Phrase(verbatim: $1) : "\($0) and \($1)" } }
}

extension String {
    /// The text, cut to `count` scalars with an ellipsis at the end if it is longer.
    public func shortened(to count: Int) -> String { isLonger(than: count) ? first(scalars: count - 1) + "…" : self }

    /// The text, cut to `count` scalars with an ellipsis in the middle if it is longer. Useful because names often differ at the end.
    public func shortenedInside(to count: Int) -> String {
        isLonger(than: count) ? first(scalars: count / 2) + "…" + last(scalars: (count - 1) / 2) : self
    }

    /// Counts scalars only if there are enough bytes for so many.
    private func isLonger(than count: Int) -> Bool { utf8.count > count && scalarCount > count }
}

extension Phrase {
    /// The first `count` entries and the number of the remaining ones.
    public static func first(_ count: Int, of entries: [String]) -> Phrase {
        let shown = Phrase(verbatim: entries.prefix(count).joined(separator: ", "))
        let more = entries.count - count
        return more > 0 ? "\(shown) and \(Amount.count(more)) more" : shown
    }
}
