// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The frame around every page: the bar, the applied mark, the theme. See Templates/layout.html. Every page has it under the name `frame`.
struct Frame: TemplateModel {
    /// The stored choice; nil follows the browser.
    enum Theme: String {
        case light
        case dark
    }

    var language: Language
    var theme: Theme?
    var assets: (css: String, script: String, linking: String, passkeys: String, icon: String)
    var hubName: String
    var version: String
    /// Nil on pages that need no sign-in.
    var email: String?
    /// True for admins. If it is false, no page shows a control that would be refused.
    var mayChange = false
    var csrf: String
    /// Nil if nobody is signed in.
    var generation: Generation?
    /// The path of the request. The bar marks the section that it belongs to.
    var path: String
    /// The page to return to after a change of theme.
    var returnPath = "/devices"
    /// A sentence about the action that just finished.
    var notice: Phrase = ""
    /// Why the form on the page is not saved yet; empty if nothing waits.
    var held: Phrase = ""
    /// The change that the notice is about.
    var change: Int?
    /// A change that the hub will undo unless somebody confirms it, and the seconds left.
    var awaited: (change: AwaitedConfirmation, left: Int64)?
    /// How many requests for links wait for an admin's answer; 0 for other visitors.
    var requests = 0

    static var fields: [TemplateField<Frame>] {
        [
            .text("language", \.language.rawValue), .text("theme") { $0.theme?.rawValue ?? "" },
            .text("css", \.assets.css), .text("script", \.assets.script), .text("linking", \.assets.linking), .text("passkeys", \.assets.passkeys),
            .text("icon", \.assets.icon),
            .text("hub", \.hubName), .text("version", \.version), .text("email") { $0.email ?? "" }, .text("csrf", \.csrf),
            .flag("signed_in") { $0.email != nil }, .flag("may_change", \.mayChange), .flag("waiting", \.isWaiting),
            .phrase("applied") { mark($0.generation) }, .phrase("notice", \.notice), .phrase("held", \.held),
            .text("change") { $0.change.map { "/changes/\($0)" } ?? "" }, .optional("awaited", \.awaitedNotice),
            .phrase("requests") { frame in
                frame.requests == 0 ? "" : .counting(frame.requests, "\(frame.requests) request | \(frame.requests) requests")
            },
            .text("path", \.returnPath), .text("other_theme", \.otherTheme.rawValue),
            .phrase("other_theme_label") { $0.otherTheme == .dark ? "Dark theme" : "Light theme" },
            .list("languages") { frame in Language.allCases.map { LanguageChoice(language: $0, isCurrent: $0 == frame.language) } },
            .list("sections") { frame in
                let current = frame.section
                return sections.map { Section(href: $0.href, label: $0.label, isCurrent: $0.href == current) }
            },
        ]
    }

    private var isWaiting: Bool { generation.map { $0.desired > $0.applied } ?? false }
    private var otherTheme: Theme { theme == .dark ? .light : .dark }

    struct LanguageChoice: TemplateModel {
        let language: Language
        let isCurrent: Bool

        static var fields: [TemplateField<LanguageChoice>] {
            [.text("key", \.language.rawValue), .text("name", \.language.name), .flag("current", \.isCurrent)]
        }
    }

    struct Section: TemplateModel {
        let href: String
        let label: Phrase
        let isCurrent: Bool

        static var fields: [TemplateField<Section>] { [.text("href", \.href), .phrase("label", \.label), .flag("current", \.isCurrent)] }
    }

    /// A change that must be confirmed.
    struct AwaitedNotice: TemplateModel {
        let text: Phrase
        let href: String

        static var fields: [TemplateField<AwaitedNotice>] { [.phrase("text", \.text), .text("href", \.href)] }
    }

    private var awaitedNotice: AwaitedNotice? {
        awaited.map {
            AwaitedNotice(
                text: "A change by \(Author(name: $0.change.author).phrase) will be undone in \(Amount.age($0.left)) unless somebody keeps it.",
                href: "/changes/\($0.change.generation)")
        }
    }

    /// "all applied" or "1 change waiting".
    static func mark(_ generation: Generation?) -> Phrase {
        guard let generation, generation.desired > generation.applied else { return "all applied" }
        let waiting = Int(generation.desired - generation.applied)
        return .counting(waiting, "\(waiting) change waiting | \(waiting) changes waiting")
    }

    /// The section that the page belongs to. The edit pages of devices are under /settings.
    private var section: String? {
        if [NetworksPage.path, NamesPage.path, GatewayPage.path, DataPage.path].contains(where: path.hasPrefix) { return "/status" }
        if path.hasPrefix("/changes/") { return "/audit" }
        if path.hasPrefix(ExpectationsPage.path) { return "/reachability" }
        return Self.sections.first { path.hasPrefix($0.href) }?.href
            ?? (path.hasPrefix("/settings/") ? "/devices" : path.hasPrefix("/links") ? "/reachability" : nil)
    }

    private static let sections: [(href: String, label: Phrase)] = [
        (href: "/devices", label: "Devices"), (href: "/reachability", label: "Reachability"), (href: "/map", label: "Map"),
        (href: "/settings/defaults", label: "Defaults"), (href: "/status", label: "Status"), (href: "/audit", label: "Audit"),
    ]
}

extension Request {
    /// The theme that the user chose here; nil follows the browser.
    var theme: Frame.Theme? { PortalCookie.theme.value(in: self).flatMap(Frame.Theme.init(rawValue:)) }
}

extension Language {
    /// The language that the user chose here, otherwise the one that the browser asks for, otherwise English.
    init(for request: Request) {
        let chosen = PortalCookie.language.value(in: request).flatMap(Language.init(rawValue:))
        self = chosen ?? Language(accepted: request.fields.all("Accept-Language").joined(separator: ",")) ?? .english
    }

    /// The best match for an Accept-Language field (RFC 9110 12.5.4): the highest weight, and the first of several with the same weight. A range
    /// such as `de-AT` asks for German. Nil if the field asks for none of our languages.
    init?(accepted field: String) {
        var best: (language: Language, weight: Double)?
        for range in field.utf8.split(separator: UInt8(ascii: ",")) {
            let parts = range.split(separator: UInt8(ascii: ";")).map { part in
                part.filter { $0 != .space && $0 != .tab }.map(\.lowercased)
            }
            guard let tag = parts.first?.split(separator: UInt8(ascii: "-")).first,
                let language = Language(rawValue: String(decoding: tag, as: UTF8.self))
            else { continue }
            let weight =
                parts.dropFirst().first { $0.starts(with: "q=".utf8) }.map { Double(String(decoding: $0.dropFirst(2), as: UTF8.self)) ?? 0 } ?? 1
            if weight > 0, weight > best?.weight ?? 0 { best = (language, weight) }
        }
        guard let best else { return nil }
        self = best.language
    }
}
