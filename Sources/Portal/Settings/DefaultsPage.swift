// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The defaults, with who follows each and who has a value of its own.
struct DefaultsPage {
    static let page = Page(
        "defaults",
        SettingName.allCases.reduce("" as TemplateShape) {
            $0.merging(
                TemplateShape(stringLiteral: "\($1.rawValue){key value error use any_overriders overriders[name href value] more clear clear_label}"))
        }.merging(TemplateShape.form(portalURL)).merging(
            "revision problem endpoint_notice conflict{differences[label theirs yours]} suggestions presets[value label checked]"
        )
        .merging(Effect.shape).merging(Confirmation.shape))

    static let names = Set(
        ["revision", "step", portalURL, Preset.field, Confirmation.field] + SettingName.allCases.flatMap { [$0.rawValue, "clear_\($0.rawValue)"] })

    /// Where people reach the portal: a setting of the hub, edited beside the endpoint that devices reach.
    static let portalURL = "portal_url"

    /// Devices with a value of their own that are named for each field.
    private static let maximumNamed = 25

    let overview: Overview
    let inputs: Inputs
    var isStale = false
    /// Nil while nobody asked.
    var effect: Effect?

    var values: [String: TemplateValue] {
        let saved = Inputs(SettingsForm.typed(overview.defaults.settings))
        let chosen = inputs.text(Preset.field)
        var values: [String: TemplateValue] = [
            "revision": .number(overview.defaults.revision),
            "problem": inputs.problem(besides: SettingName.allCases.map(\.rawValue) + [Self.portalURL]),
            Self.portalURL: inputs.field(Self.portalURL), "endpoint_notice": .phrase(overview.endpointNotice),
            "suggestions": .text(overview.status.hostAddresses.map(\.description).joined(separator: ", ")),
            "conflict": isStale
                ? [
                    "differences": EditPage.differences(
                        SettingName.allCases.map {
                            ($0.label, Phrase(verbatim: saved.text($0.rawValue)), Phrase(verbatim: inputs.text($0.rawValue)))
                        })
                ] : false,
            "presets": .list(
                Preset.allCases.map {
                    ["value": .text($0.rawValue), "label": .phrase($0.label), "checked": .flag(chosen.isEmpty ? $0 == .own : chosen == $0.rawValue)]
                }),
            "effect": .optional(effect?.value), "confirm_options": Confirmation.options(inputs),
        ]
        for name in SettingName.allCases { values[name.rawValue] = field(name) }
        return values
    }

    private func field(_ name: SettingName) -> TemplateValue {
        let overriders = overview.devices.filter { !name.isInherited(in: $0.overrides) }
        let followers = overview.devices.count - overriders.count
        let more = overriders.count - Self.maximumNamed
        return [
            "key": .text(name.rawValue), "value": .text(inputs.exact(name.rawValue)), "error": .phrase(inputs.message(name.rawValue)),
            "use": .phrase("Followed by \(Amount.count(followers)) · overridden by \(Amount.count(overriders.count))"),
            "any_overriders": .flag(!overriders.isEmpty),
            "overriders": .list(
                overriders.prefix(Self.maximumNamed).map {
                    [
                        "name": .text($0.name), "href": .text("/settings/\($0.id)/edit#\(name.rawValue)"),
                        "value": .phrase(name.shown(in: $0.settings(over: overview.defaults))),
                    ]
                }),
            "more": .phrase(more > 0 ? .counting(more, "and \(more) more | and \(more) more") : ""),
            "clear": .flag(inputs.isOn("clear_\(name.rawValue)")),
            "clear_label": .phrase(
                overriders.isEmpty
                    ? ""
                    : .counting(
                        overriders.count,
                        "Let this \(overriders.count) device follow the default too | Let these \(overriders.count) devices follow the default too")),
        ]
    }
}
