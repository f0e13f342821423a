// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store

/// The part of a device's page about links that hand out its file.
struct HandOverSection {
    /// Those that would still open.
    let links: [OneTimeLink]
    /// The one that this session made last, to be copied; nil when there is none.
    let url: String?
    let now: UnixTime

    var value: TemplateValue {
        [
            "url": .text(url ?? ""), "minutes": .list(HandOverHandlers.choices.reversed().map { ["value": .number($0)] }),
            "open": .list(
                links.map {
                    [
                        "link": .text($0.id), "by": .phrase(AuditFields.author($0.createdBy)), "ago": .phrase($0.createdAt.relative(to: now)),
                        "until": .phrase($0.expiresAt.relative(to: now)),
                    ]
                }),
        ]
    }
}
