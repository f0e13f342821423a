// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// The texts of one language, keyed by the English text. In the file, the English text starts at the beginning of a line and its translation
/// follows below, indented. Lines that start with # are comments. `page.html: text` gives a text a different translation on one page.
struct Catalog: Sendable {
    let language: Language
    private let texts: [String: String]

    /// English needs no translations.
    static let english = Catalog(language: .english, texts: [:])

    private init(language: Language, texts: [String: String]) {
        self.language = language
        self.texts = texts
    }

    /// Reads a file. Drops a translation that lost or gained a placeholder, a tag or a `{{name}}`, because the English text is at least correct.
    init(language: Language, reading file: String) {
        self.language = language
        texts = Self.entries(file).reduce(into: [:]) { texts, entry in
            if Self.fits(entry.translation, entry.text) { texts[entry.text] = entry.translation }
        }
    }

    /// All entries of a file, in order.
    static func entries(_ file: String) -> [(text: String, translation: String)] {
        var entries: [(text: String, translation: String)] = []
        var text = ""
        for line in file.split(separator: "\n") {
            if line.first == "#" { continue }
            if line.first == " " {
                entries.append((text, String(line.drop { $0 == " " })))
            } else {
                text = String(line)
            }
        }
        return entries
    }

    /// True if both have the same placeholders, tags and names, in any order, and both or neither have plural forms.
    static func fits(_ translation: String, _ text: String) -> Bool {
        let isCounting = Phrase.forms(of: text).count > 1
        guard isCounting || Phrase.forms(of: translation).count == 1 else { return false }
        return isCounting ? Set(marks(translation)).isSubset(of: marks(text)) : marks(translation) == marks(text)
    }

    /// The translation of a template's text, on the page of `file` or on all pages; nil if there is none.
    func text(_ text: String, in file: String) -> String? { texts["\(file): \(text)"] ?? texts[text] }

    /// A phrase in this language. Parts without a translation stay in English.
    func say(_ phrase: Phrase) -> String {
        var said = ""
        pieces(of: phrase) { said += $0 }
        return said
    }

    /// The same, piece by piece.
    func pieces(of phrase: Phrase, _ say: (Substring) -> Void) {
        if language == .english { return phrase.pieces(Phrase.english, say) }
        phrase.pieces(translation, say)
    }

    private func translation(_ text: String, _ count: Int?) -> String {
        guard let translation = texts[text] else { return Phrase.english(text, count) }
        guard let count else { return translation }
        let forms = Phrase.forms(of: translation)
        return forms[min(language.form(for: count), forms.count - 1)]
    }

    /// `{1}`, `{{name}}`, `<a>`, `</a>`, sorted.
    private static func marks(_ text: String) -> [String] {
        var marks: [String] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "<" }) {
            let isTag = rest[open] == "<"
            let tail = rest[open...]
            let end = tail.firstIndex(of: isTag ? ">" : "}") ?? tail.index(before: tail.endIndex)
            marks.append(String(tail[...end]))
            rest = tail[tail.index(after: end)...]
        }
        return marks.sorted()
    }
}
