// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The five settings in a form: alone for the defaults, with a choice of source for a device.
enum SettingsForm {
    /// All settings of the defaults page. Fields that are not sent stay as they are.
    static func settings(_ inputs: inout Inputs, changing old: Settings) -> Settings {
        var new = old
        if inputs.has("allowed_ips") { new.allowedIPs = inputs.read("allowed_ips", or: old.allowedIPs, Entry.prefixes) }
        if inputs.has("dns") { new.dns = inputs.read("dns", or: old.dns, Entry.dns) }
        if inputs.has("endpoint") { new.endpoint = inputs.read("endpoint", or: old.endpoint, Entry.endpoint) }
        if inputs.has("persistent_keepalive") {
            new.persistentKeepalive = inputs.read("persistent_keepalive", or: old.persistentKeepalive, Entry.keepalive)
        }
        if inputs.has("mtu") { new.mtu = inputs.read("mtu", or: old.mtu, Entry.mtu) }
        return new
    }

    /// A device's own settings. `F_source` says default or custom; custom with an empty value means that the feature is off.
    static func overrides(_ inputs: inout Inputs, changing old: Overrides) -> Overrides {
        Overrides(
            allowedIPs: setting("allowed_ips", &inputs, old.allowedIPs, Entry.prefixes),
            dns: setting("dns", &inputs, old.dns, Entry.dns),
            endpoint: setting("endpoint", &inputs, old.endpoint, Entry.endpoint),
            persistentKeepalive: setting("persistent_keepalive", &inputs, old.persistentKeepalive, Entry.keepalive),
            mtu: setting("mtu", &inputs, old.mtu, Entry.mtu))
    }

    /// The text of every field as the form shows it before anything was typed.
    static func typed(_ settings: Settings) -> [String: String] {
        Dictionary(uniqueKeysWithValues: SettingName.allCases.map { ($0.rawValue, $0.text(in: settings)) })
    }

    static func typed(_ overrides: Overrides, over defaults: Settings) -> [String: String] {
        var result: [String: String] = [:]
        let settings = overrides.resolved(over: defaults)
        for name in SettingName.allCases {
            let inherited = name.isInherited(in: overrides)
            result[name.rawValue + "_source"] = inherited ? "default" : "custom"
            result[name.rawValue] = inherited ? "" : name.text(in: settings)
        }
        return result
    }

    private static func setting<Value>(
        _ name: String, _ inputs: inout Inputs, _ old: Setting<Value>, _ read: (String) -> Entry.Reading<Value>
    ) -> Setting<Value> {
        switch inputs.text(name + "_source") {
        case "default": return .inherit
        case "custom":
            let value = inputs.read(name, or: nil) { text in read(text).map(Optional.some) }
            return value.map(Setting.own) ?? old
        case "": return old
        default:
            inputs.refuse(name, "Choose the default or its own value.")
            return old
        }
    }
}
