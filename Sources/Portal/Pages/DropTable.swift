// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Counters of dropped packets by reason, the most frequent first.
enum DropTable {
    static func value(_ drops: [DropReason: UInt64]) -> TemplateValue {
        .list(
            drops.filter { $0.value > 0 }.sorted { ($1.value, $0.key.name) < ($0.value, $1.key.name) }.map {
                ["reason": .text($0.key.name), "meaning": .text($0.key.explanation), "count": .text(Amount.count($0.value))]
            })
    }
}
