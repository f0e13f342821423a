// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates
import Words

/// A signed-in browser in a table.
struct SessionRow: TemplateModel {
    let session: Session
    let isCurrent: Bool
    let now: UnixTime

    static var fields: [TemplateField<SessionRow>] {
        [
            .text("id", \.session.id), .phrase("browser") { Browser.name($0.session.userAgent) }, .flag("current", \.isCurrent),
            .text("address", \.session.address), .phrase("started") { $0.session.createdAt.relative(to: $0.now) },
            .phrase("used") { $0.session.activeAt.relative(to: $0.now) },
        ]
    }
}

/// A browser's name for people, from its User-Agent.
enum Browser {
    static func name(_ userAgent: String) -> Phrase {
        let browsers = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")]
        let systems = [
            ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
        ]
        let browser = browsers.first { userAgent.contains($0.0) }?.1
        let system = systems.first { userAgent.contains($0.0) }?.1
        guard let browser else { return userAgent.isEmpty ? "unknown" : Phrase(verbatim: userAgent.first(scalars: 40)) }
        return system.map { "\(browser) on \($0)" } ?? Phrase(verbatim: browser)
    }
}
