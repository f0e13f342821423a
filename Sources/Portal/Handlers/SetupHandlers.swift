// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// The first admin. The page exists only while there is none, and only with the token from the log.
enum SetupHandlers {
    static let page = Page(
        "setup",
        TemplateShape.form("email", "password", "endpoint", AddressRange.field).merging("problem token reach host_networks")
            .merging(EndpointSuggestion.shape))

    static func show(_ visit: Visit) throws -> Response {
        let token = visit.request.query["token"] ?? ""
        try requireToken(token, visit)
        let known = try visit.site.database.read { try $0.defaults().settings.endpoint }
        let port = visit.site.status().hubPort
        let endpoint = known.map { HostPort(host: $0.host, port: $0.port ?? port) } ?? suggestions(visit).first?.endpoint
        let networks = try visit.site.database.read { AddressRange.text(try $0.hub()) }
        return try draw(
            visit,
            Inputs([
                "token": token, "endpoint": visit.request.query["endpoint"] ?? endpoint?.description ?? "",
                AddressRange.field: visit.request.query[AddressRange.field] ?? networks,
            ]))
    }

    static func setUp(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let text = inputs.text("token")
        let token = try requireToken(text, visit)
        let email = inputs.text("email")
        let hubName = try visit.site.database.read { try $0.hub().name }
        if let problem = PasswordRules.problem(inputs.exact("password"), context: [email, hubName]) { inputs.refuse("password", problem) }
        let endpoint = inputs.read("endpoint", or: nil, Settings.Endpoint.read)
        let author = Author(name: email, address: visit.request.client.description)
        // What stands against the range is to be known before there is an account, beside all else.
        _ = try visit.site.database.draft(by: author, at: visit.now) { try writeNetworks(visit, &inputs, $0) }
        guard inputs.errors.isEmpty else { return try draw(visit, inputs, status: .unprocessableContent) }
        let password = inputs.exact("password")
        guard let hash = try visit.site.gate.pass({ PasswordHash.make(password) }) else {
            throw HTTPError.busy("There is no memory to protect the password at this moment.")
        }
        do {
            // All or nothing: who is refused may correct it and send it again.
            let account = try visit.site.database.change(by: author, at: visit.now) {
                try writeNetworks(visit, &inputs, $0)
                if let endpoint {
                    var defaults = try $0.defaults()
                    defaults.settings.endpoint = endpoint
                    try $0.update(defaults)
                }
                try inputs.collect {}
                return try $0.makeFirstAdmin(token: token, email: email, passwordHash: hash, from: visit.request.client.description, at: visit.now)
            }
            visit.site.refreshHosts()
            // An imported hub has devices already.
            let isEmpty = try visit.site.database.read { try $0.deviceIndex().devices.isEmpty }
            return try visit.start(account, with: "set-up link", then: isEmpty ? WelcomeHandlers.path : "/devices")
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
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

    private static func writeNetworks(_ visit: Visit, _ inputs: inout Inputs, _ transaction: ChangeTransaction) throws {
        try AddressRange.write(&inputs, transaction, hostNetworks: visit.site.status().hostNetworks)
    }

    private static func suggestions(_ visit: Visit) -> [EndpointSuggestion] {
        EndpointSuggestion.all(visit.site.status(), browsed: visit.request.authority)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let typed = HostPort(inputs.text("endpoint")).map(EndpointSuggestion.init)
        return try visit.page(
            page,
            [
                "email": inputs.field("email"), "password": inputs.secretField("password"), "endpoint": inputs.field("endpoint"),
                "token": .text(inputs.exact("token")), "problem": inputs.problem(besides: ["email", "password", "endpoint", AddressRange.field]),
                "reach": .phrase(typed.map { "\($0.endpoint) is \($0.reach)." } ?? ""),
                "suggestions": .list(suggestions(visit).map { $0.value(token: inputs.exact("token")) }),
                AddressRange.field: inputs.field(AddressRange.field),
                "host_networks": .text(AddressRange.text(hostNetworks: visit.site.status().hostNetworks)),
            ], status: status)
    }
}
