// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// Audit entries in plain words.
enum History {
    static func value(_ entries: [AuditEntry], _ now: UnixTime) -> TemplateValue {
        guard !entries.isEmpty else { return false }
        return [
            "rows": .list(
                entries.map {
                    [
                        "iso": .text($0.at.iso), "at": .phrase("\($0.at.phrase) UTC"), "ago": .phrase($0.at.relative(to: now)),
                        "what": .phrase(AuditWords.deed($0)), "who": .phrase(AuditFields.author($0.author.name)), "changes": .list(changes($0)),
                    ]
                })
        ]
    }

    /// A new device's fields stand on its page already.
    private static func changes(_ entry: AuditEntry) -> [TemplateValue] {
        entry.before == nil ? [] : AuditWords.changes(entry).map { .phrase($0) }
    }
}
