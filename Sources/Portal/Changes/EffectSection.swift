// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Words

/// For the template `_effect`, in which it is called `effect`.
extension Effect: TemplateModel {
    static var fields: [TemplateField<Effect>] { [.list("lines") { effect in effect.lines.map(SectionLine.init) }] }

    /// For pages that still give dictionaries.
    static let shape: TemplateShape = "effect{lines[kind sign text]}"

    /// One sentence of it.
    struct SectionLine: TemplateModel {
        let kind: Kind
        let text: Phrase

        static var fields: [TemplateField<SectionLine>] { [.text("kind", \.kind.rawValue), .text("sign", \.kind.sign), .phrase("text", \.text)] }
    }
}
