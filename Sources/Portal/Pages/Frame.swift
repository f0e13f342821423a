// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Store

/// What stands around every page: the bar, the applied mark, the theme. See Templates/layout.html.
struct Frame {
    static let shape: TemplateShape = """
        frame{theme css script passkeys icon hub version signed_in may_change email csrf waiting applied notice path other_theme other_theme_label
            sections[href label current]}
        """

    /// The remembered choice; nil follows the browser.
    enum Theme: String {
        case light
        case dark
    }

    var theme: Theme?
    var assets: (css: String, script: String, passkeys: String, icon: String)
    var hubName: String
    var version: String
    /// Nil on pages that need no sign-in.
    var email: String?
    /// True for admins. Where it is false, no page shows a control that would be refused.
    var mayChange = false
    var csrf: String
    /// Nil where nobody is signed in.
    var generation: Generation?
    /// The path of the request; the section it belongs to is marked.
    var path: String
    /// Where a change of theme leads back to.
    var returnPath = "/devices"
    /// A sentence about what was just done.
    var notice = ""

    var value: TemplateValue {
        let waiting = generation.map { max(0, $0.desired - $0.applied) } ?? 0
        let other: Theme = theme == .dark ? .light : .dark
        return [
            "theme": .text(theme?.rawValue ?? ""), "css": .text(assets.css), "script": .text(assets.script), "passkeys": .text(assets.passkeys),
            "icon": .text(assets.icon),
            "hub": .text(hubName), "version": .text(version), "signed_in": .flag(email != nil), "may_change": .flag(mayChange),
            "email": .text(email ?? ""), "csrf": .text(csrf),
            "waiting": .flag(waiting > 0), "applied": .text(Self.mark(generation)), "notice": .text(notice),
            "path": .text(returnPath), "other_theme": .text(other.rawValue),
            "other_theme_label": .text(other == .dark ? "Dark theme" : "Light theme"),
            "sections": .list(
                Self.sections.map { href, label in
                    ["href": .text(href), "label": .text(label), "current": .flag(href == section)]
                }),
        ]
    }

    /// "all applied" or "1 change waiting".
    static func mark(_ generation: Generation?) -> String {
        guard let generation, generation.desired > generation.applied else { return "all applied" }
        return Amount.of(Int(generation.desired - generation.applied), "change") + " waiting"
    }

    /// The section that the page belongs to; the edit pages of devices lie under /settings.
    private var section: String? {
        Self.sections.first { path.hasPrefix($0.href) }?.href ?? (path.hasPrefix("/settings/") ? "/devices" : nil)
    }

    private static let sections = [
        (href: "/devices", label: "Devices"), (href: "/reachability", label: "Reachability"), (href: "/settings/defaults", label: "Defaults"),
        (href: "/status", label: "Status"),
    ]
}
