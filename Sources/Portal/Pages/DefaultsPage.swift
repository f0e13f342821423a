// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// The defaults, with how many devices follow each.
struct DefaultsPage {
    static let page = Page(
        "defaults",
        """
        revision problem endpoint_notice conflict{differences[label theirs yours]} suggestions
        allowed_ips{key value error use} persistent_keepalive{key value error use} endpoint{key value error use}
        dns{key value error use} mtu{key value error use}
        """)

    static let names = Set(["csrf_token", "revision"] + SettingName.allCases.map(\.rawValue))

    let overview: Overview
    let inputs: Inputs
    var isStale = false

    var values: [String: TemplateValue] {
        let saved = Inputs(SettingsForm.typed(overview.defaults.settings))
        let addresses = overview.engine.hostAddresses
        var values: [String: TemplateValue] = [
            "revision": .number(overview.defaults.revision), "problem": inputs.problem(besides: SettingName.allCases.map(\.rawValue)),
            "endpoint_notice": overview.endpointNotice,
            "suggestions": .text(addresses.map(\.description).joined(separator: ", ")),
            "conflict": isStale
                ? [
                    "differences": EditPage.differences(
                        SettingName.allCases.map { ($0.label, Phrase(verbatim: saved.text($0.rawValue)), Phrase(verbatim: inputs.text($0.rawValue))) }
                    )
                ]
                : false,
        ]
        for name in SettingName.allCases {
            let followers = overview.devices.count { name.isInherited(in: $0.overrides) }
            values[name.rawValue] = [
                "key": .text(name.rawValue), "value": .text(inputs.exact(name.rawValue)), "error": .phrase(inputs.message(name.rawValue)),
                "use": .phrase("Followed by \(Amount.count(followers)), overridden by \(Amount.count(overview.devices.count - followers))."),
            ]
        }
        return values
    }
}
