// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store

/// The part of a device's page about links that hand out its file.
struct HandOverSection: TemplateModel {
    /// Those that would still open.
    let links: [OneTimeLink]
    /// The one that this session made last, to be copied; nil when there is none.
    let url: String?
    let now: UnixTime

    static var fields: [TemplateField<HandOverSection>] {
        [
            .text("url") { $0.url ?? "" }, .list("minutes") { _ in HandOverHandlers.choices.reversed().map(Minutes.init) },
            .list("open") { section in section.links.map { Row(link: $0, now: section.now) } },
        ]
    }

    private struct Minutes: TemplateModel {
        let count: Int64

        static var fields: [TemplateField<Minutes>] { [.number("value", \.count)] }
    }

    private struct Row: TemplateModel {
        let link: OneTimeLink
        let now: UnixTime

        static var fields: [TemplateField<Row>] {
            [
                .text("link", \.link.id), .phrase("by") { AuditFields.author($0.link.createdBy) },
                .phrase("ago") { $0.link.createdAt.relative(to: $0.now) }, .phrase("until") { $0.link.expiresAt.relative(to: $0.now) },
            ]
        }
    }
}
