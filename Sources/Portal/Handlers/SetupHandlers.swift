// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Store

/// The first admin. The page exists only while there is none, and only with the token from the log.
enum SetupHandlers {
    static let page = Page("setup", TemplateShape.form("email", "password", "endpoint").merging("problem token"))

    static func show(_ visit: Visit) throws -> Response {
        let token = visit.request.query["token"] ?? ""
        try requireToken(token, visit)
        let endpoint = try visit.site.database.read { try $0.defaults().settings.endpoint }
        let suggestion = endpoint?.description ?? visit.site.status().hostAddresses.first?.description ?? ""
        return try draw(visit, Inputs(["token": token, "endpoint": suggestion]))
    }

    static func setUp(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let text = inputs.text("token")
        let token = try requireToken(text, visit)
        let email = inputs.text("email")
        let hubName = try visit.site.database.read { try $0.hub().name }
        if let problem = PasswordRules.problem(inputs.exact("password"), context: [email, hubName]) { inputs.refuse("password", problem) }
        let endpoint = inputs.read("endpoint", or: nil, Entry.endpoint)
        guard inputs.errors.isEmpty else { return try draw(visit, inputs, status: .unprocessableContent) }
        let password = inputs.exact("password")
        guard let hash = try visit.site.gate.pass({ PasswordHash.make(password) }) else {
            throw HTTPError.busy("There is no memory to protect the password at this moment.")
        }
        do {
            let author = Author(name: email, address: visit.request.client.description)
            let account = try visit.site.database.write {
                try $0.makeFirstAdmin(token: token, email: email, passwordHash: hash, from: visit.request.client.description, at: visit.now)
            }
            if let endpoint {
                try visit.site.database.change(by: author, at: visit.now) {
                    var defaults = try $0.defaults()
                    defaults.settings.endpoint = endpoint
                    try $0.update(defaults)
                }
            }
            return try visit.start(account, with: "set-up link", then: "/devices")
        } catch StoreError.invalid(let errors) {
            inputs.refuse(errors)
            return try draw(visit, inputs, status: .unprocessableContent)
        } catch StoreError.setupClosed, StoreError.tokenRefused {
            throw HTTPError(.notFound, closed)
        }
    }

    private static let closed: Phrase =
        "Set-up is closed: the link was used, is older than a day, or an admin exists. Sign in, or run: hairpin admin create"

    @discardableResult
    private static func requireToken(_ text: String, _ visit: Visit) throws -> SecretToken {
        guard let token = SecretToken(text, kind: .setup), try visit.site.database.read({ try $0.isSetupToken(token, at: visit.now) }) else {
            throw HTTPError(.notFound, closed)
        }
        return token
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(
            page,
            [
                "email": inputs.field("email"), "password": inputs.secretField("password"), "endpoint": inputs.field("endpoint"),
                "token": .text(inputs.exact("token")), "problem": inputs.problem(besides: ["email", "password", "endpoint"]),
            ], status: status)
    }
}
