// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Store

/// The audit log, newest first. Pages go by entry number, so that new entries do not shift what somebody reads.
struct AuditPage {
    static let page = Page(
        "audit", "rows[iso ago at what changes[] who source] any_rows older newest")

    static let rowsPerPage = 100

    let entries: [AuditEntry]
    /// The name of the device with this id.
    let names: (String) -> String?
    /// True when this is not the newest page.
    let isOlder: Bool
    let now: UnixTime

    var values: [String: TemplateValue] {
        let last = entries.last?.number ?? 1
        return [
            "any_rows": .flag(!entries.isEmpty), "newest": .text(isOlder ? "/audit" : ""),
            "older": .text(entries.count == Self.rowsPerPage && last > 1 ? Link("/audit").with("before", String(last)).text : ""),
            "rows": .list(
                entries.map { entry in
                    [
                        "iso": .text(entry.at.iso), "at": .text(entry.at.text), "ago": .text(entry.at.relative(to: now)),
                        "what": .text(AuditWords.sentence(entry, names)), "changes": .list(AuditWords.changes(entry).map { .text($0) }),
                        "who": .text(entry.author.name), "source": .text(entry.author.address ?? ""),
                    ]
                }),
        ]
    }
}
