// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates

/// The field that filters a list by one tag, for the template `_tag_filter`.
struct TagFilter: TemplateModel {
    static var fields: [TemplateField<TagFilter>] { [.list("tags", \.choices), .optional("typed", \.typed)] }

    /// With more tags than this, the user types the tag instead of choosing it.
    private static let maximumChosen = 100

    /// Empty if the user types the tag.
    let choices: [Choice]
    let typed: Typed?

    /// Nil on a hub without tags.
    init?(_ tags: [Tag], chosen: Tag?) {
        guard !tags.isEmpty else { return nil }
        let isTyped = tags.count > Self.maximumChosen
        choices = isTyped ? [] : tags.map { Choice(tag: $0, isChosen: $0 == chosen) }
        typed = isTyped ? Typed(tag: chosen) : nil
    }

    struct Choice: TemplateModel {
        let tag: Tag
        let isChosen: Bool

        static var fields: [TemplateField<Choice>] { [.text("tag", \.tag.description), .flag("selected", \.isChosen)] }
    }

    struct Typed: TemplateModel {
        let tag: Tag?

        static var fields: [TemplateField<Typed>] { [.text("value") { $0.tag?.description ?? "" }] }
    }
}
