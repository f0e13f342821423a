// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Templates
import Words

/// Counters of dropped packets, most frequent first.
enum DropTable {
    /// The most pairs to show. The API has the others.
    static let maximumPairs = 20

    struct Row: TemplateModel {
        let reason: DropReason
        let count: UInt64

        static var fields: [TemplateField<Row>] {
            [.text("reason", \.reason.name), .phrase("meaning", \.reason.explanation), .phrase("count") { Amount.count($0.count) }]
        }
    }

    /// A reason of the whole hub, with the pairs of devices to which it happened most often.
    struct ReasonRow: TemplateModel {
        let row: Row
        let pairs: [PairRow]

        static var fields: [TemplateField<ReasonRow>] {
            [
                .text("reason", \.row.reason.name), .phrase("meaning", \.row.reason.explanation), .phrase("count") { Amount.count($0.row.count) },
                .flag("any_pairs") { !$0.pairs.isEmpty }, .list("pairs", \.pairs),
            ]
        }
    }

    struct PairRow: TemplateModel {
        let drop: HubStatus.PairDrop
        let overview: Overview

        static var fields: [TemplateField<PairRow>] {
            [
                .text("reason", \.drop.reason.name), .phrase("meaning", \.drop.reason.explanation), .phrase("from") { $0.name(of: $0.drop.from) },
                .phrase("to") { $0.name(of: $0.drop.to) },
                .phrase("last") { $0.drop.lastAt.relative(to: $0.overview.now) },
                .phrase("count") { Amount.count($0.drop.count) },
            ]
        }

        private func name(of key: PublicKey?) -> Phrase {
            guard let key else { return Phrase(verbatim: "–") }
            return overview.index[key].map { Phrase(verbatim: $0.name) } ?? "a removed device"
        }
    }

    /// By reason, most frequent first, each with its pairs.
    static func rows(_ drops: [DropReason: UInt64], _ overview: Overview) -> [ReasonRow] {
        let pairs = Dictionary(grouping: overview.status.pairDrops, by: \.reason)
        return drops.filter { $0.value > 0 }.sorted { ($1.value, $0.key.name) < ($0.value, $1.key.name) }.map { reason, count in
            ReasonRow(row: Row(reason: reason, count: count), pairs: rows(pairs[reason] ?? [], overview))
        }
    }

    /// By reason and pair of devices.
    static func rows(_ pairs: [HubStatus.PairDrop], _ overview: Overview) -> [PairRow] {
        pairs.prefix(maximumPairs).map { PairRow(drop: $0, overview: overview) }
    }
}
