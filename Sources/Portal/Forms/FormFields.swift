// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Templates
import Words

/// A form field with its value and its error.
struct InputField: TemplateModel {
    let name: String
    let value: String
    let error: Phrase

    static var fields: [TemplateField<InputField>] { [.text("key", \.name), .text("value", \.value), .phrase("error", \.error)] }
}

/// One option of a list or of a group of buttons.
struct Choice: TemplateModel {
    let value: String
    let label: Phrase
    let isChosen: Bool

    static var fields: [TemplateField<Choice>] { [.text("value", \.value), .phrase("label", \.label), .flag("selected", \.isChosen)] }
}

/// A value that a form sends but does not show.
struct HiddenField: TemplateModel {
    let name: String
    let value: String

    static var fields: [TemplateField<HiddenField>] { [.text("name", \.name), .text("value", \.value)] }
}

extension TemplateField {
    /// A form: its fields by their own names, and `problem`, the message at the top. The values of secret fields are left empty. `others` are names
    /// of fields that the page shows in its own way.
    static func form(
        _ names: String..., secret: [String] = [], others: [String] = [], of get: @escaping @Sendable (Model) -> Inputs
    ) -> [TemplateField] {
        [.phrase("problem") { get($0).problem(besides: names + secret + others) }] + names.map { name in .object(name) { get($0).field(name) } }
            + secret.map { name in .object(name) { get($0).secretField(name) } }
    }
}

/// The field that filters a list by one tag, for the template `_tag_filter`.
struct TagFilter: TemplateModel {
    static var fields: [TemplateField<TagFilter>] {
        [.list("tags", \.choices), .flag("typed") { $0.choices.isEmpty }, .text("value") { $0.chosen?.description ?? "" }]
    }

    /// With more tags than this, the user types the tag instead of choosing it.
    private static let maximumChosen = 100

    /// Empty if the user types the tag.
    let choices: [Choice]
    let chosen: Tag?

    /// Nil on a hub without tags.
    init?(_ tags: [Tag], chosen: Tag?) {
        guard !tags.isEmpty else { return nil }
        choices =
            tags.count > Self.maximumChosen
            ? [] : tags.map { Choice(value: $0.description, label: Phrase(verbatim: $0.description), isChosen: $0 == chosen) }
        self.chosen = chosen
    }
}
