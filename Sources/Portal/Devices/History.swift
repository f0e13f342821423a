// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates
import Words

/// Audit entries in plain words, for the template `_history`, which calls it `history`.
struct History: TemplateModel {
    let rows: [Row]

    static var fields: [TemplateField<History>] { [.list("rows", \.rows)] }

    /// Nil if there are no entries.
    init?(_ entries: [AuditEntry], now: UnixTime) {
        guard !entries.isEmpty else { return nil }
        rows = entries.map { Row(entry: $0, now: now) }
    }

    struct Row: TemplateModel {
        let entry: AuditEntry
        let now: UnixTime

        static var fields: [TemplateField<Row>] {
            [
                .text("iso", \.entry.at.iso), .phrase("at") { "\($0.entry.at.phrase) UTC" }, .phrase("ago") { $0.entry.at.relative(to: $0.now) },
                .phrase("what", \.entry.deed), .phrase("who", \.entry.author.phrase),
                // The page of a new device already shows its fields.
                .text("change") { $0.entry.generation.map { "/changes/\($0)" } ?? "" },
                .phrases("changes") { $0.entry.before == nil ? [] : $0.entry.changes },
            ]
        }
    }
}
