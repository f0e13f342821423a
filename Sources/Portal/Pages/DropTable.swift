// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Words

/// Counters of dropped packets, the most frequent first.
enum DropTable {
    /// Pairs beyond this many are in the API.
    static let maximumPairs = 20

    /// By reason.
    static func value(_ drops: [DropReason: UInt64]) -> TemplateValue {
        .list(
            drops.filter { $0.value > 0 }.sorted { ($1.value, $0.key.name) < ($0.value, $1.key.name) }.map {
                ["reason": .text($0.key.name), "meaning": .phrase($0.key.explanation), "count": .phrase(Amount.count($0.value))]
            })
    }

    /// By reason and pair of devices.
    static func value(_ pairs: [HubStatus.PairDrop], _ overview: Overview) -> TemplateValue {
        let shown = pairs.prefix(maximumPairs)
        let name = { (key: PublicKey?) -> TemplateValue in key.map { overview.index[$0].map { .text($0.name) } ?? .phrase("a removed device") } ?? "–"
        }
        return .list(
            shown.map {
                [
                    "reason": .text($0.reason.name), "meaning": .phrase($0.reason.explanation), "from": name($0.from), "to": name($0.to),
                    "last": .phrase($0.lastAt.relative(to: overview.now)), "count": .phrase(Amount.count($0.count)),
                ]
            })
    }
}
