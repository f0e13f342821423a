// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// What stands around every page: the bar, the applied mark, the theme. See Templates/layout.html.
struct Frame {
    static let shape: TemplateShape = """
        frame{language theme css script passkeys icon hub version signed_in may_change email csrf waiting applied notice change awaited{text href} path other_theme other_theme_label languages[key name current]
            sections[href label current]}
        """

    /// The remembered choice; nil follows the browser.
    enum Theme: String {
        case light
        case dark
    }

    var language: Language
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
    var notice: Phrase = ""
    /// The change that the notice is about.
    var change: Int?
    /// A change that is taken back unless somebody confirms it, and the seconds that are left.
    var awaited: (change: AwaitedConfirmation, left: Int64)?

    var value: TemplateValue {
        let waiting = generation.map { max(0, $0.desired - $0.applied) } ?? 0
        let other: Theme = theme == .dark ? .light : .dark
        return [
            "language": .text(language.rawValue), "theme": .text(theme?.rawValue ?? ""), "css": .text(assets.css), "script": .text(assets.script),
            "passkeys": .text(assets.passkeys),
            "icon": .text(assets.icon),
            "hub": .text(hubName), "version": .text(version), "signed_in": .flag(email != nil), "may_change": .flag(mayChange),
            "email": .text(email ?? ""), "csrf": .text(csrf),
            "waiting": .flag(waiting > 0), "applied": .phrase(Self.mark(generation)), "notice": .phrase(notice),
            "change": .text(change.map { "/changes/\($0)" } ?? ""), "awaited": awaitedNotice,
            "path": .text(returnPath), "other_theme": .text(other.rawValue),
            "other_theme_label": .phrase(other == .dark ? "Dark theme" : "Light theme"),
            "languages": .list(
                Language.allCases.map { ["key": .text($0.rawValue), "name": .text($0.name), "current": .flag($0 == language)] }),
            "sections": .list(
                Self.sections.map { href, label in
                    ["href": .text(href), "label": .phrase(label), "current": .flag(href == section)]
                }),
        ]
    }

    private var awaitedNotice: TemplateValue {
        guard let awaited else { return false }
        return [
            "text": .phrase(
                "A change by \(AuditFields.author(awaited.change.author)) is taken back in \(Amount.age(awaited.left)) unless somebody keeps it."),
            "href": .text("/changes/\(awaited.change.generation)"),
        ]
    }

    /// "all applied" or "1 change waiting".
    static func mark(_ generation: Generation?) -> Phrase {
        guard let generation, generation.desired > generation.applied else { return "all applied" }
        let waiting = Int(generation.desired - generation.applied)
        return .counting(waiting, "\(waiting) change waiting | \(waiting) changes waiting")
    }

    /// The section that the page belongs to; the edit pages of devices lie under /settings.
    private var section: String? {
        if path.hasPrefix(NetworksHandlers.path) { return "/status" }
        return Self.sections.first { path.hasPrefix($0.href) }?.href
            ?? (path.hasPrefix("/settings/") ? "/devices" : path.hasPrefix("/links") ? "/reachability" : nil)
    }

    private static let sections: [(href: String, label: Phrase)] = [
        (href: "/devices", label: "Devices"), (href: "/reachability", label: "Reachability"), (href: "/map", label: "Map"),
        (href: "/settings/defaults", label: "Defaults"), (href: "/status", label: "Status"),
    ]
}
