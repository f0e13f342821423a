// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Templates

/// For the template `_state`, which calls it `state`.
extension DeviceState: TemplateModel {
    /// The names in templates.
    public static var fields: [TemplateField<DeviceState>] { [.text("key", \.rawValue), .phrase("word", \.word), .phrase("rule", \.rule)] }

    /// All states with their rules, for the template `_legend`.
    static var legend: [InLegend] { allCases.map(InLegend.init) }

    struct InLegend: TemplateModel {
        let state: DeviceState

        static var fields: [TemplateField<InLegend>] { [.object("state", \.state)] }
    }
}

extension DeviceMark: TemplateModel {
    /// The names in templates.
    public static var fields: [TemplateField<DeviceMark>] { [.text("key", \.rawValue), .phrase("word", \.word), .phrase("rule", \.rule)] }

    /// The marks with their rules, for the template `_legend`.
    static var legend: [InLegend] { allCases.map(InLegend.init) }

    struct InLegend: TemplateModel {
        let mark: DeviceMark

        static var fields: [TemplateField<InLegend>] { [.object("mark", \.mark)] }
    }
}
