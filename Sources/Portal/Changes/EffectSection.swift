// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

extension Effect {
    /// For the template `_effect`.
    static let shape: TemplateShape = "effect{lines[kind sign text]}"

    var value: TemplateValue {
        ["lines": .list(lines.map { ["kind": .text($0.kind.rawValue), "sign": .text($0.kind.sign), "text": .phrase($0.text)] })]
    }
}
