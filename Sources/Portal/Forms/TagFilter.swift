// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store

/// The field of a list that narrows it to one tag, for the template `_tag_filter`.
enum TagFilter {
    static let shape: TemplateShape = "tag_filter{tags[tag selected] typed{value}}"

    /// More tags than this are typed, not chosen.
    private static let maximumChosen = 100

    /// False on a hub without tags.
    static func value(_ tags: [Tag], chosen: Tag?) -> TemplateValue {
        guard !tags.isEmpty else { return false }
        let isTyped = tags.count > maximumChosen
        return [
            "tags": .list(isTyped ? [] : tags.map { ["tag": .text($0.description), "selected": .flag($0 == chosen)] }),
            "typed": isTyped ? ["value": .text(chosen?.description ?? "")] : false,
        ]
    }
}
