// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The languages of the pages. English texts are in Templates and Sources; every other language has a catalog, such as `Templates/texts.de`.
public enum Language: String, CaseIterable, Sendable {
    case english = "en"
    case german = "de"

    /// The language's own name.
    public var name: String {
        switch self {
        case .english: "English"
        case .german: "Deutsch"
        }
    }

    /// The index of the plural form for `count`, from 0.
    func form(for count: Int) -> Int {
        switch self {
        case .english, .german: count == 1 ? 0 : 1
        }
    }
}
