// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import HTTP
import Net
import Store
import Testing

@testable import Portal
@testable import Templates

/// Shows every page in a language that writes all letters of a text full-width, on a hub whose own data has no Latin letters. Text that still
/// appears in Latin letters does not come from the catalog.
@Suite struct `In a language that marks its texts` {
    /// Data, and names that are the same in every language.
    nonisolated(unsafe) private static let data = try! Regex(
        [
            #"hub_api_\S+|ｅｎｄｓ ｉｎ \S+"#, #"[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){2,}(?:/\d+)?"#, #"[A-Za-z0-9+/]{43}="#, #"[\w.-]+@[\w.-]+"#,
            #"hub\.example\.org"#, #"(?:[a-z0-9-]+\.)?hairpin\.internal"#, "berlin hub", "Hairpin", "Firefox", "Linux", "English", "Deutsch",
            "IPv[46]", "tag:", #"\b[kMG]?B(?![a-z])"#,
            #"[a-z]+(?:_[a-z]+)+"#,
            // The id of a request made from text.
            #"^test$"#,
        ].joined(separator: "|"))
    nonisolated(unsafe) private static let noLanguage = try! Regex(
        ["script", "style", "code", "kbd", "samp", "pre"].map { "<\($0)\\b.*?</\($0)>" }.joined(separator: "|")
    ).dotMatchesNewlines()

    @Test func `no page has a text that the catalog does not know`() throws {
        let (hub, paths) = try hub()
        let browser = try hub.signedIn()
        browser.cookies["language"] = "de"
        var leaks: [String: [String]] = [:]
        for path in paths { leaks[path] = Self.latin(in: try browser.get(path).text) }
        for (path, form) in try Self.forms(hub) { leaks["POST \(path)"] = Self.latin(in: try browser.post(path, on: form.page, form.values).text) }
        hub.world.advance(seconds: 600)
        leaks["/account/confirm, late"] = Self.latin(in: try browser.get("/account/confirm?next=/devices").text)
        let stranger = Browsing(hub.site, cookies: ["language": "de"])
        for path in ["/login", "/hand-over", "/0/0", "/setup"] { leaks[path] = Self.latin(in: try stranger.get(path).text) }
        for (page, texts) in leaks.sorted(by: { $0.key < $1.key }) { #expect(texts == [], "\(page)") }
    }

    @Test func `an untranslated text in a page is found`() {
        #expect(Self.latin(in: "<p title=\"ａｌｌ\">ｓｅｔ <code>wg</code> 10.3.2.2 fd00::3:2:2</p><b title=\"left\">over</b>") == ["left", "over"])
    }

    private static func forms(_ hub: TestSite) throws -> [(String, (page: String, values: [String: String]))] {
        let device = try hub.database.read { try $0.devices() }[0]
        return [
            ("/devices", ("/devices/new", ["name": "", "ipv4": "10.3.2.300", "tags": "?", "public_key": "?"])),
            (
                "/settings/\(device.id)/edit",
                ("/settings/\(device.id)/edit", ["step": "preview", "allowed_ips_source": "custom", "allowed_ips": "10.3.2.9"])
            ),
            ("/settings/\(device.id)/edit", ("/settings/\(device.id)/edit", ["allowed_ips_source": "custom", "allowed_ips": "?", "revision": "1"])),
            ("/settings/defaults", ("/settings/defaults", ["step": "preview", "persistent_keepalive": "0", "allowed_ips": "10.3.2.0/25"])),
            ("/links", ("/links", ["step": "preview", "a": "Α", "b": "Γ", "do": "link"])),
            ("/links", ("/links", ["step": "preview", "a": "?", "b": ""])),
            ("/links", ("/links", ["step": "preview", "a": "Β", "b": "Γ", "do": "link", "duration": "3600"])),
            ("/links/ask", ("/links/ask", ["a": "Ω", "b": "", "reason": "", "duration": "3600"])),
            ("/devices", ("/devices/new", ["list": "Ω\nΩ\nΨ, ?", "name": "Ω", "link": "?"])), ("/devices", ("/devices/new", [:])),
            ("/devices/selected", ("/devices", ["action": "share", "all": "on"])),
            ("/devices/selected", ("/devices", ["action": "tag", "all": "on"])),
            ("/devices/selected", ("/devices", ["action": "codes", "all": "on"])),
            ("/reachability", ("/reachability?from=%CE%91&to=%CE%93", ["from": "Α", "to": "Γ"])),
            ("/devices/\(device.id)/probe", ("/devices/\(device.id)", [:])),
            ("/admins/new", ("/admins/new", ["email": "?", "role": "viewer", "password": "123"])),
            ("/account/password", ("/account", ["new_password": "1"])),
            ("/account/tokens/new", ("/account/tokens/new", ["name": ""])),
        ]
    }

    private func hub() throws -> (TestSite, [String]) {
        let hub = try TestSite(templates: { Self.marked($0) }, showsStyleguide: true)
        let (a, b, c) = (try hub.add("Α"), try hub.add("Β", reaching: []), try hub.add("Γ", reaching: ["10.3.2.2/32"], description: "Δ"))
        for device in [a, b] { hub.hear(from: device) }
        hub.world.engine.withLock {
            $0.peers[b.publicKey]?.lastDataAt = World.start.adding(seconds: -400)
            $0.contestedKeys[a.publicKey] = [Endpoint("198.51.100.7:40000")!, Endpoint("203.0.113.9:40000")!]
            $0.drops = Dictionary(uniqueKeysWithValues: DropReason.allCases.map { ($0, 7) })
            $0.pairDrops = [
                HubStatus.PairDrop(reason: .notInAllowedIPs, from: a.publicKey, to: b.publicKey, count: 12, lastAt: World.start)
            ]
            $0.lastApply = HubStatus.Apply(changedPeers: 1, sessionsDropped: 0, microseconds: 90)
        }
        let minute = World.start.seconds / 60
        try hub.database.write { try $0.recordTraffic([(a.publicKey, TrafficCell(received: 500_000, sent: 700_000))], minute: minute - 2) }
        for action in Self.actions {
            try hub.database.write {
                try $0.record(action.name, target: action.target(a), before: action.before, after: action.after, by: .system, at: World.start)
            }
        }
        try hub.database.change(by: .system, at: World.start) { transaction in
            let sides = LinkChange(first: [try transaction.device(b.id)], second: [try transaction.device(c.id)])
            try transaction.link(sides, for: TimedGrant(endsAt: World.start.adding(seconds: 3_600), reason: "Ω"))
        }
        try hub.database.change(by: .system, at: World.start) { transaction in
            var edited = try transaction.device(c.id)
            edited.overrides = Overrides(
                allowedIPs: .own([]), dns: .own([DNSEntry("9.9.9.9")!]), endpoint: .own(nil), persistentKeepalive: .own(0), mtu: .own(1280))
            edited.tags = [Tag("ε")!]
            edited.enabled = false
            edited.expiresAt = World.start.adding(seconds: 900)
            try transaction.update(edited)
            try transaction.awaitConfirmation(until: World.start.adding(seconds: 600))
        }
        let account = try hub.database.read { try $0.accounts()[0] }
        try hub.database.write {
            _ = try $0.askForLink(of: a, and: c, forSeconds: 7_200, reason: "Ω", account: account.id, by: .system, at: World.start)
        }
        let newest = try hub.database.read { try $0.generation().desired }
        try hub.database.write {
            _ = try $0.addAPIToken(name: "Ζ", scopes: Set(TokenScope.allCases), expiresAt: nil, owner: nil, by: .system, at: World.start)
            _ = try $0.makeRecoveryCodes(ofAccount: account.id, by: .system, at: World.start)
        }
        let paths =
            [
                "/devices", "/devices?state=old_file", "/devices?q=%CE%A9", "/devices/new", "/settings/defaults", "/settings/networks",
                "/settings/names", "/settings/gateway",
                "/reachability",
                "/links", "/links?a=%CE%91&b=%CE%93", "/links/timed", "/links/ask", "/map", "/status", "/audit", "/audit?who=%CE%A9", "/admins",
                "/admins/new",
                "/admins/\(account.id)", "/admins/\(account.id)/remove", "/admins/\(account.id)/remove-second-factors",
                "/account",
                "/account/confirm", "/account/totp/new", "/account/recovery-codes", "/account/passkeys/new", "/account/tokens/new",
                "/welcome/files?first=\(a.id)&second=\(b.id)", "/reachability?from=\(a.id)&to=\(b.id)", "/reachability?from=\(a.id)&to=\(c.id)",
                "/devices?columns=ipv6.endpoint.traffic.created", "/expectations", "/links/unused", "/devices/added?ids=\(a.id).\(b.id)",
                "/suggestions?q=%CE%91", "/reachability/panel?from=\(a.id)&to=\(b.id)", "/reachability/panel?from=\(a.id),\(b.id)&to=\(c.id)",
                "/reachability?from=%CE%A9&to=%CE%A9", "/changes/1", "/changes/2", "/changes/\(newest)", "/changes/99", "/devices/0", "/0",
            ]
            + [a, b, c].flatMap {
                [
                    "/devices/\($0.id)?range=1h", "/settings/\($0.id)/edit", "/devices/\($0.id)/delete",
                    "/devices/\($0.id)/rotate-key", "/devices/\($0.id)/forget-time",
                ]
            }
        return (hub, paths)
    }

    /// One entry of each kind, with all the details that it may have.
    private static let actions: [(name: String, target: @Sendable (Device) -> String, before: AuditDetails, after: AuditDetails)] = [
        (
            "device.replace_key", { "device/\($0.id)" }, ["public_key": nil, "keeps_private_key": "true"],
            ["public_key": nil, "keeps_private_key": "false"]
        ),
        ("device.set_preshared_key", { "device/\($0.id)" }, ["has_preshared_key": "false"], ["has_preshared_key": "true"]),
        ("device.fetch_config", { "device/\($0.id)" }, [:], [:]), ("link.make", { "device/\($0.id)" }, [:], ["expires_at": "1800000000"]),
        ("link.use", { "device/\($0.id)" }, [:], [:]), ("link.revoke", { "device/\($0.id)" }, [:], [:]),
        ("login", { _ in "admin/ada@example.org" }, [:], ["with": "password and app code"]), ("hub.start", { _ in "hub" }, [:], ["version": "1.0"]),
        ("defaults.confirm_endpoint", { _ in "defaults" }, [:], ["endpoint": "10.0.0.1"]), ("device.forget_time", { "device/\($0.id)" }, [:], [:]),
        ("key.rotate", { _ in "hub" }, ["key": "1"], ["key": "2"]),
        ("database.backup", { _ in "hub" }, [:], [:]),
        ("admin.set_role", { _ in "admin/ada@example.org" }, ["role": "admin"], ["role": "viewer"]),
        ("access.update", { _ in "access" }, ["audit_days": "0"], ["audit_days": "30"]),
        ("audit.remove_old", { _ in "audit" }, [:], ["entries": "4", "last": "9"]),
        ("timed_link.grant", { _ in "timed_link/1" }, [:], ["name": "Α – Γ", "ends_at": "1800000000", "asked_by": "Ζ", "reason": "Ω"]),
        ("timed_link.end", { _ in "timed_link/1" }, [:], ["name": "Α – Γ"]), ("timed_link.keep", { _ in "timed_link/1" }, [:], ["name": "Α – Γ"]),
        ("timed_link.resume", { _ in "timed_link/1" }, [:], ["name": "Α – Γ"]),
        (
            "timed_link.extend", { _ in "timed_link/1" }, ["name": "Α – Γ", "ends_at": "1800000000"],
            ["name": "Α – Γ", "ends_at": "1800003600"]
        ),
        ("link_request.ask", { _ in "link_request/1" }, [:], ["name": "Α – Γ", "seconds": "7200", "reason": "Ω"]),
        ("link_request.refuse", { _ in "link_request/1" }, [:], ["name": "Α – Γ", "reason": "Ω"]),
        ("device.suspend", { "device/\($0.id)" }, [:], ["name": "Α", "endpoints": "192.0.2.1:1"]),
        ("token.add", { _ in "token/1" }, [:], ["name": "Ζ", "scopes": "read devices", "expires_at": nil]),
        ("passkey.add", { _ in "admin/ada@example.org" }, [:], ["passkey": "Η"]), ("change.keep", { _ in "change/4" }, [:], ["reason": "?"]),
    ]

    /// The templates with a German catalog that repeats the English text full-width.
    private static func marked(_ templates: [String: String]) -> [String: String] {
        var templates = templates
        let entries = Catalog.entries(templates["texts.de"] ?? "")
        templates["texts.de"] = entries.map { "\($0.text)\n    \(fullWidth($0.text.replacing(#/^\w+\.html: /#, with: "")))\n" }.joined()
        return templates
    }

    /// Makes letters full-width, except in `{placeholders}`, `<tags>` and `&entities;`.
    private static func fullWidth(_ text: String) -> String {
        var result = ""
        var end: Character?
        for character in text {
            if let last = end {
                result.append(character)
                if character == last { end = nil }
            } else {
                end = ["{": "}", "<": ">", "&": ";"][character]
                if character == "&", text.firstMatch(of: /&[a-z]+;/) == nil { end = nil }
                let isLetter = character.isASCII && character.isLetter
                result.append(isLetter ? Character(Unicode.Scalar(character.unicodeScalars.first!.value + 0xFEE0)!) : character)
            }
        }
        return result
    }

    /// The text that a page shows in Latin letters, without data and parts that are not language.
    private static func latin(in page: String) -> [String] {
        let text = page.replacing(noLanguage, with: " ")
        var texts = text.matches(of: /(?:title|aria-label|placeholder|alt|data-label|data-known|data-failed)="([^"]*)"/).map { String($0.1) }
        texts += text.replacing(/<[^>]*>/, with: "\u{0}").split(separator: "\u{0}").map(String.init)
        return texts.compactMap { text in
            let words = text.replacing(/&[a-z#0-9]+;/, with: " ").replacing(data, with: " ")
            return words.contains(/[A-Za-z]{2,}/) ? words.split(whereSeparator: \.isWhitespace).joined(separator: " ") : nil
        }
    }
}
