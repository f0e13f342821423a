// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension Phrase {
    /// "10.3.2.2 or fd00::3:2:2"
    public static func any(of texts: [String]) -> Phrase { texts.reduce("") { $0.isEmpty ? Phrase(verbatim: $1) : "\($0) or \($1)" } }

    /// "10.3.2.2 and fd00::3:2:2"
    public static func all(of texts: [String]) -> Phrase { texts.reduce("") { $0.isEmpty ? Phrase(verbatim: $1) : "\($0) and \($1)" } }
}
