// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// Making and revoking tokens of the API.
enum TokenHandlers {
    static let page = Page("token_new", TemplateShape.form("name", "days").merging("problem scope_error scopes[name word meaning chosen]"))

    /// A box for each scope, since a form may have a field only once.
    static let names = Set(["name", "days"] + TokenScope.allCases.map { "scope_\($0.rawValue)" })

    static func newForm(_ visit: Visit) throws -> Response { try draw(visit, Inputs(["days": "90", "scope_read": "on"])) }

    static func add(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        var inputs = visit.inputs
        let name = inputs.text("name")
        let days = inputs.read("days", or: 90) { text in
            Entry.number(text).flatMap { (1...3650).contains($0) ? .success($0) : nil }
                ?? .failure(Entry.Refusal(message: "\(text) is not a number of days from 1 to 3650."))
        }
        let scopes = Set(TokenScope.allCases.filter { inputs.isOn("scope_\($0.rawValue)") })
        do {
            let (secret, _) = try visit.site.database.write { transaction in
                try inputs.collect {
                    try transaction.addAPIToken(
                        name: name, scopes: scopes, expiresAt: visit.now.adding(seconds: Int64(days) * 86_400), owner: session.account,
                        by: visit.author,
                        at: visit.now)
                }
            }
            visit.site.secrets.put("\(secret.reveal()) \(name)", for: "token", session: session.id, now: visit.now)
            return visit.done("/account")
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
        }
    }

    static func revoke(_ visit: Visit) throws -> Response {
        try visit.site.database.write { try $0.removeAPIToken(visit.parameters["id"], by: visit.author, at: visit.now) }
        return visit.done("/account", .removed)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(
            page,
            [
                "name": inputs.field("name"), "days": inputs.field("days"), "problem": inputs.problem(besides: ["name", "days", "scopes"]),
                "scope_error": .phrase(inputs.message("scopes")),
                "scopes": .list(
                    TokenScope.allCases.map {
                        [
                            "name": .text($0.rawValue), "word": .phrase(Phrase(text: $0.rawValue)), "meaning": .phrase($0.meaning),
                            "chosen": .flag(inputs.isOn("scope_\($0.rawValue)")),
                        ]
                    }),
            ], status: status)
    }
}

extension TokenScope {
    fileprivate var meaning: Phrase {
        switch self {
        case .read: "read everything but secrets"
        case .devices: "add, change and remove devices, and fetch their files with private keys"
        case .settings: "change the defaults and the hub"
        case .metrics: "read /metrics"
        }
    }
}
