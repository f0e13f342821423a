// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// "These and those may reach each other", or may not: one action that edits both sides, seen before it is done.
struct LinksPage {
    static let page = Page(
        "links",
        TemplateShape.form("a", "b").merging(
            "problem linking unlinking routes networks names[] tags[] ready{button} empty"
        ).merging(Effect.shape).merging(Confirmation.shape))

    static let fields: Set<String> = ["a", "b", "do", "routes", "networks", "step", Confirmation.field]

    /// Names that are offered while one is typed.
    private static let maximumNames = 200

    let overview: Overview
    let inputs: Inputs
    /// What the action would do; nil while the form is not filled in, or not well.
    let effect: Effect?

    var values: [String: TemplateValue] {
        let isUnlink = inputs.text("do") == "unlink"
        let devices = overview.devices
        return [
            "a": inputs.field("a"), "b": inputs.field("b"), "problem": inputs.problem(besides: ["a", "b"]), "linking": .flag(!isUnlink),
            "unlinking": .flag(isUnlink), "routes": .flag(inputs.isOn("routes")), "networks": .flag(inputs.isOn("networks")),
            "names": .list(devices.count <= Self.maximumNames ? devices.map { .text($0.name) } : []),
            "tags": .list(overview.index.tags.prefix(Self.maximumNames).map { .text("tag:\($0)") }),
            "ready": effect == nil ? false : ["button": .phrase(isUnlink ? "Unlink" : "Link")], "empty": .flag(devices.count < 2),
            "effect": .optional(effect?.value), "confirm_options": Confirmation.options(inputs),
        ]
    }
}
