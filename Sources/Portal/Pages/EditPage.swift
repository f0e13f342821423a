// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// The forms that change devices and defaults.
struct EditPage {
    static let page = Page(
        "device_edit",
        TemplateShape.form("name", "description", "tags", "expires_at", "ipv4", "ipv6", "routes", "preshared_key").merging(
            """
            id title_name revision problem enabled preshared_now
            conflict{differences[label theirs yours]} devices{rows[name addresses]}
            allowed_ips{key own value default error theirs} persistent_keepalive{key own value default error theirs}
            endpoint{key own value default error theirs} dns{key own value default error theirs} mtu{key own value default error theirs}
            """))

    static let fields =
        ["name", "description", "tags", "enabled", "expires_at", "ipv4", "ipv6", "routes", "preshared_key"]
        + SettingName.allCases.map(\.rawValue)

    /// The names that the form may send.
    static let names = Set(["csrf_token", "revision"] + fields + SettingName.allCases.map { $0.rawValue + "_source" })

    /// As saved now.
    let device: Device
    let overview: Overview
    let inputs: Inputs
    /// True when somebody else saved in between: the page then shows both.
    var isStale = false

    var values: [String: TemplateValue] {
        let defaults = overview.defaults.settings
        let saved = Inputs(DeviceForm.typed(device, over: defaults))
        var values: [String: TemplateValue] = [
            "id": .text(device.id), "title_name": .text(device.name), "revision": .number(device.revision),
            "problem": inputs.problem(besides: Self.fields), "enabled": .flag(inputs.isOn("enabled")),
            "preshared_now": .phrase(device.hasPresharedKey ? "set; stays as it is" : "none"), "conflict": isStale ? conflict(saved) : false,
            "devices": others,
        ]
        for name in ["name", "description", "tags", "expires_at", "ipv4", "ipv6", "routes"] { values[name] = inputs.field(name) }
        values["preshared_key"] = inputs.secretField("preshared_key")
        for name in SettingName.allCases {
            let key = name.rawValue
            let differs = isStale && Self.shown(name, saved, defaults) != Self.shown(name, inputs, defaults)
            values[key] = [
                "key": .text(key), "own": .flag(inputs.text(key + "_source") == "custom"), "value": .text(inputs.exact(key)),
                "default": .phrase(name.shown(in: defaults)), "error": .phrase(inputs.message(key)),
                "theirs": .phrase(differs ? Self.shown(name, saved, defaults) : ""),
            ]
        }
        return values
    }

    private func conflict(_ saved: Inputs) -> TemplateValue {
        let defaults = overview.defaults.settings
        let plain = [
            ("name", Phrase("Name")), ("description", Phrase("Description")), ("tags", Phrase("Tags")), ("enabled", Phrase("Enabled")),
            ("expires_at", Phrase("Expires")),
            ("ipv4", Phrase("IPv4")), ("ipv6", Phrase("IPv6")), ("routes", Phrase("Routes")),
        ]
        let rows =
            plain.map { ($1, Phrase(verbatim: saved.text($0)), Phrase(verbatim: inputs.text($0))) }
            + SettingName.allCases.map { ($0.label, Self.shown($0, saved, defaults), Self.shown($0, inputs, defaults)) }
        return ["differences": Self.differences(rows)]
    }

    static func differences(_ rows: [(label: Phrase, theirs: Phrase, yours: Phrase)]) -> TemplateValue {
        .list(
            rows.filter { $0.theirs != $0.yours }.map {
                [
                    "label": .phrase($0.label), "theirs": .phrase($0.theirs.isEmpty ? "empty" : $0.theirs),
                    "yours": .phrase($0.yours.isEmpty ? "empty" : $0.yours),
                ]
            })
    }

    private static func shown(_ name: SettingName, _ inputs: Inputs, _ defaults: Settings) -> Phrase {
        guard inputs.text(name.rawValue + "_source") == "custom" else { return "default" }
        let text = inputs.text(name.rawValue)
        return text.isEmpty ? "own, empty" : Phrase(verbatim: text)
    }

    /// What somebody needs to fill in the allowed IPs.
    private var others: TemplateValue {
        let rows = overview.devices.filter { $0.id != device.id }.prefix(200)
        guard !rows.isEmpty else { return false }
        return [
            "rows": .list(rows.map { ["name": .text($0.name), "addresses": .text($0.ownedPrefixes.map(\.description).joined(separator: ", "))] })
        ]
    }
}
