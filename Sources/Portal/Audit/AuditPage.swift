// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store

/// The audit log, newest first. Pages go by entry number, so that new entries do not shift what somebody reads.
struct AuditPage {
    static let page = Page(
        "audit",
        """
        rows[iso ago at what changes[] who source change] any_rows older newest filtered
        query{who target from until} kinds[value label selected] csv jsonl days
        """)

    static let rowsPerPage = 100

    let query: AuditQuery
    let entries: [AuditEntry]
    /// The name of the device with this id.
    let names: (String) -> String?
    /// Days that entries are kept; 0 is for ever.
    let days: Int
    let now: UnixTime

    var values: [String: TemplateValue] {
        let last = entries.last?.number ?? 1
        return [
            "any_rows": .flag(!entries.isEmpty), "newest": .text(query.before == nil ? "" : query.link("/audit").text),
            "older": .text(entries.count == Self.rowsPerPage && last > 1 ? query.link("/audit", before: last).text : ""),
            "filtered": .flag(query.isFiltered), "days": .text(days == 0 ? "" : String(days)),
            "query": [
                "who": .text(query.who), "target": .text(query.target), "from": .text(query.from), "until": .text(query.until),
            ],
            "kinds": .list(
                AuditQuery.Kind.allCases.map { ["value": .text($0.rawValue), "label": .phrase($0.label), "selected": .flag($0 == query.kind)] }),
            "csv": .text(query.link("/audit/export").with("format", "csv").text),
            "jsonl": .text(query.link("/audit/export").with("format", "jsonl").text),
            "rows": .list(
                entries.map { entry in
                    [
                        "iso": .text(entry.at.iso), "at": .phrase(entry.at.phrase), "ago": .phrase(entry.at.relative(to: now)),
                        "what": .phrase(AuditWords.sentence(entry, names)), "changes": .list(AuditWords.changes(entry).map { .phrase($0) }),
                        "who": .phrase(AuditFields.author(entry.author.name)), "source": .text(entry.author.address ?? ""),
                        "change": .text(entry.generation.map { "/changes/\($0)" } ?? ""),
                    ]
                }),
        ]
    }
}
