// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The settings in a form. A device also has a choice of source for each setting; the defaults do not.
enum SettingsForm {
    /// All settings of the defaults page. Fields missing from the form stay as they are.
    static func settings(_ inputs: inout Inputs, changing old: Settings) -> Settings {
        var new = old
        for name in SettingName.allCases where inputs.has(name.rawValue) {
            if let refusal = name.read(inputs.text(name.rawValue), into: &new) { inputs.refuse(name.rawValue, refusal.message) }
        }
        return new
    }

    /// A device's own settings. `F_source` is default or custom. Custom with an empty value means that the feature is off. Default with a newly
    /// typed value is refused, so that nothing typed is lost.
    static func overrides(_ inputs: inout Inputs, changing old: Overrides) -> Overrides {
        var new = old
        for name in SettingName.allCases {
            switch inputs.text(name.source) {
            case "default":
                let typed = inputs.text(name.rawValue)
                if typed.isEmpty || typed == name.text(in: old) {
                    name.inherit(in: &new)
                } else {
                    inputs.refuse(name.rawValue, "You typed \(typed), but the default is chosen. Choose its own value, or empty the field.")
                }
            case "custom":
                if let refusal = name.read(inputs.text(name.rawValue), into: &new) { inputs.refuse(name.rawValue, refusal.message) }
            case "": break
            default: inputs.refuse(name.rawValue, "Choose the default or its own value.")
            }
        }
        return new
    }

    /// The initial text of every field.
    static func typed(_ settings: Settings) -> [String: String] {
        Dictionary(uniqueKeysWithValues: SettingName.allCases.map { ($0.rawValue, $0.text(in: settings)) })
    }

    static func typed(_ overrides: Overrides) -> [String: String] {
        var result: [String: String] = [:]
        for name in SettingName.allCases {
            let own = name.text(in: overrides)
            result[name.source] = own == nil ? "default" : "custom"
            result[name.rawValue] = own ?? ""
        }
        return result
    }
}

extension SettingName {
    /// The field that says where a device's value comes from.
    var source: String { rawValue + "_source" }
}
