// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// What the audit page shows. Each view has its own URL.
struct AuditQuery {
    /// Groups of actions that people search for.
    enum Kind: String, CaseIterable {
        case devices, defaults, links, logins, accounts, tokens, hub

        var label: Phrase {
            switch self {
            case .devices: "Devices"
            case .defaults: "Defaults"
            case .links: "One-time links"
            case .logins: "Signing in"
            case .accounts: "Accounts"
            case .tokens: "API tokens"
            case .hub: "Hub and backups"
            }
        }

        var actions: [String] {
            switch self {
            case .devices: ["device", "change", "timed_link", "link_request"]
            case .defaults: ["defaults"]
            case .links: ["link"]
            case .logins: ["login", "logout", "confirm", "session", "recovery_codes.use", "request"]
            case .accounts: ["admin", "access", "totp", "passkey", "recovery_codes", "second_factors"]
            case .tokens: ["token"]
            case .hub: ["hub", "key", "database", "audit", "change"]
            }
        }
    }

    let who: String
    let kind: Kind?
    let target: String
    let from: String
    let until: String
    let before: Int64?

    init(_ query: Query) {
        who = query["who"] ?? ""
        kind = query["what"].flatMap(Kind.init(rawValue:))
        target = query["target"] ?? ""
        from = query["from"] ?? ""
        until = query["until"] ?? ""
        before = query["before"].flatMap(Entry.number).map(Int64.init)
    }

    /// Also finds devices by name. Ignores text that is not a date.
    func filter(_ transaction: ReadTransaction) throws -> AuditFilter {
        var filter = AuditFilter()
        filter.author = who.isEmpty ? nil : who
        filter.actions = kind?.actions ?? []
        filter.target = target.isEmpty ? nil : target
        let wanted = FoldedText(target)
        filter.targets = target.isEmpty ? [] : try transaction.devices().filter { wanted.isPart(of: $0.name) }.map { "device/\($0.id)" }
        filter.from = UnixTime(text: from)
        // A date without a time means the whole day.
        filter.until = UnixTime(text: until).map { until.contains(":") ? $0 : $0.adding(seconds: 86_400) }
        return filter
    }

    var isFiltered: Bool { !(who + target + from + until).isEmpty || kind != nil }

    /// The same view at another path or at another position in the log.
    func link(_ path: String, before: Int64? = nil) -> PageAddress {
        PageAddress(path).with("who", who).with("what", kind?.rawValue).with("target", target).with("from", from).with("until", until)
            .with("before", before.map { String($0) })
    }
}
