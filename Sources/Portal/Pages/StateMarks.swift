// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension DeviceMark {
    var value: TemplateValue { ["key": .text(rawValue), "word": .phrase(word), "rule": .phrase(rule)] }

    /// The marks with their rules, for the foot of a page.
    static var legend: TemplateValue { .list(allCases.map { ["mark": $0.value] }) }
}

extension DeviceState {
    var value: TemplateValue { ["key": .text(rawValue), "word": .phrase(word), "rule": .phrase(rule)] }

    /// All states with their rules, for the foot of a page.
    static var legend: TemplateValue { .list(allCases.map { ["state": $0.value] }) }
}
