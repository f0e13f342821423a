// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Making and revoking API tokens. The list of them is on the account page.
struct NewTokenPage: TemplateModel {
    static let template = Template<NewTokenPage>("token_new")
    static let routes: [Route<Handler>] = [
        Route(.get, "/account/tokens/new", Handler(.admin, confirmed: true, show)),
        Route(.post, "/account/tokens/new", Handler(.admin, confirmed: true, fields: names, add)),
        Route(.post, "/account/tokens/{id}/revoke", Handler(.admin, confirmed: true, revoke)),
    ]

    /// One box for each scope, because a form may have a field only once.
    private static let names = Set(["name", "days"] + TokenScope.allCases.map(\.box))

    static var fields: [TemplateField<NewTokenPage>] {
        [
            .phrase("scope_error") { $0.inputs.message("scopes") },
            .list("scopes") { page in TokenScope.allCases.map { Choice(scope: $0, isChosen: page.inputs.isOn($0.box)) } },
        ] + TemplateField.form("name", "days", others: ["scopes"], of: \.inputs)
    }

    private let inputs: Inputs

    private struct Choice: TemplateModel {
        let scope: TokenScope
        let isChosen: Bool

        static var fields: [TemplateField<Choice>] {
            [
                .text("name", \.scope.rawValue), .phrase("word") { Phrase(text: $0.scope.rawValue) }, .phrase("meaning", \.scope.meaning),
                .flag("chosen", \.isChosen),
            ]
        }
    }

    static func show(_ visit: Visit) throws -> Response { try draw(visit, Inputs(["days": "90", TokenScope.read.box: "on"])) }

    static func add(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        let name = inputs.text("name")
        let days = inputs.read("days", or: 90) { text in
            Entry.number(text).flatMap { (1...3650).contains($0) ? .success($0) : nil }
                ?? .failure(Entry.Refusal(message: "\(text) is not a number of days from 1 to 3650."))
        }
        let scopes = Set(TokenScope.allCases.filter { inputs.isOn($0.box) })
        do {
            let (secret, _) = try visit.write { transaction in
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
        try visit.write { try $0.removeAPIToken(visit.parameters["id"], by: visit.author, at: visit.now) }
        return visit.done("/account", .removed)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(template, NewTokenPage(inputs: inputs), status: status)
    }
}

extension TokenScope {
    /// The field of the form.
    fileprivate var box: String { "scope_\(rawValue)" }

    fileprivate var meaning: Phrase {
        switch self {
        case .read: "read everything but secrets"
        case .devices: "add, change and remove devices, and fetch their files with private keys"
        case .settings: "change the defaults and the hub"
        case .metrics: "read /metrics"
        }
    }
}
