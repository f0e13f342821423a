// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Makes the first admin. Open only until there is one, and only with the token from the log.
struct SetupPage: TemplateModel {
    static let template = Template<SetupPage>("setup")
    static let routes: [Route<Handler>] = [
        Route(.get, "/setup", Handler(.entry, show)),
        Route(.post, "/setup", Handler(.entry, fields: ["token", "email", "password", "endpoint", AddressRange.field], setUp)),
    ]

    static var fields: [TemplateField<SetupPage>] {
        [
            .text("token", \.token), .phrase("reach", \.reach),
            .text("host_networks") { AddressRange.text(hostNetworks: $0.hostNetworks) },
            .list("suggestions") { page in page.suggestions.map { Suggestion(suggestion: $0, token: page.token) } },
        ] + TemplateField.form("email", "endpoint", AddressRange.field, secret: ["password"], of: \.inputs)
    }

    private let inputs: Inputs
    private let suggestions: [EndpointSuggestion]
    private let hostNetworks: [IPPrefix]

    private var token: String { inputs.exact("token") }

    /// Who can reach the endpoint in the form.
    private var reach: Phrase {
        HostPort(inputs.text("endpoint")).map(EndpointSuggestion.init).map { "\($0.endpoint) is \($0.reach)." } ?? ""
    }

    private struct Suggestion: TemplateModel {
        let suggestion: EndpointSuggestion
        let token: String

        static var fields: [TemplateField<Suggestion>] {
            [
                .text("endpoint", \.suggestion.endpoint.description), .phrase("reach", \.suggestion.reach),
                // The link loads the page again with the field filled in; with a script, clicking it fills the field in place.
                .text("href") { PageAddress("/setup").with("token", $0.token).with("endpoint", $0.suggestion.endpoint.description).text },
            ]
        }
    }

    static func show(_ visit: Visit) throws -> Response {
        let token = visit.request.query["token"] ?? ""
        try requireToken(token, visit)
        let known = try visit.read { try $0.defaults().settings.endpoint }
        let port = visit.site.status().hubPort
        let endpoint = known.map { HostPort(host: $0.host, port: $0.port ?? port) } ?? suggestions(visit).first?.endpoint
        let networks = try visit.read { AddressRange.text(try $0.hub()) }
        return try draw(
            visit,
            Inputs([
                "token": token, "endpoint": visit.request.query["endpoint"] ?? endpoint?.description ?? "",
                AddressRange.field: visit.request.query[AddressRange.field] ?? networks,
            ]))
    }

    static func setUp(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let token = try requireToken(inputs.text("token"), visit)
        let email = inputs.text("email")
        if let problem = PasswordRules.problem(inputs.exact("password"), context: [email, try visit.hubName()]) {
            inputs.refuse("password", problem)
        }
        let endpoint = inputs.read("endpoint", or: nil, Settings.Endpoint.read)
        let author = Author(name: email, address: visit.request.client.description)
        // A draft finds what is wrong with the networks before the costly password hash, so the form shows all mistakes at once.
        _ = try visit.site.database.draft(by: author, at: visit.now) { try writeNetworks(visit, &inputs, $0) }
        guard inputs.errors.isEmpty else { return try draw(visit, inputs, status: .unprocessableContent) }
        let hash = try visit.site.gate.hash(inputs.exact("password"), as: .known)
        do {
            // One transaction: after a refusal the same form can be corrected and sent again.
            let credentials = try visit.change(by: author) {
                try writeNetworks(visit, &inputs, $0)
                if let endpoint {
                    var defaults = try $0.defaults()
                    defaults.settings.endpoint = endpoint
                    try $0.update(defaults)
                }
                try inputs.collect {}
                let account = try $0.makeFirstAdmin(
                    token: token, email: email, passwordHash: hash, from: visit.request.client.description, at: visit.now)
                return try $0.credentials(ofAccount: account.id)
            }
            visit.site.refreshHosts()
            visit.site.database.removeSetupAddressIfClosed()
            // An imported hub already has devices.
            let isEmpty = try visit.read { try $0.deviceIndex().devices.isEmpty }
            return try visit.start(credentials, with: "set-up link", then: isEmpty ? WelcomePage.path : "/devices")
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

    /// Throws 404 unless `text` is the set-up token.
    @discardableResult
    private static func requireToken(_ text: String, _ visit: Visit) throws -> SecretToken {
        guard let token = SecretToken(text, kind: .setup), try visit.read({ try $0.isSetupToken(token, at: visit.now) }) else {
            visit.noteRefusal(.links)
            throw HTTPError(.notFound, closed)
        }
        return token
    }

    private static func writeNetworks(_ visit: Visit, _ inputs: inout Inputs, _ transaction: ChangeTransaction) throws {
        try AddressRange.write(&inputs, transaction, hostNetworks: visit.site.status().hostNetworks)
    }

    private static func suggestions(_ visit: Visit) -> [EndpointSuggestion] {
        EndpointSuggestion.all(visit.site.status(), browsed: visit.request.authority?.host)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let model = SetupPage(inputs: inputs, suggestions: suggestions(visit), hostNetworks: visit.site.status().hostNetworks)
        return try visit.page(template, model, status: status)
    }
}
