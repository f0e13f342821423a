// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import WebAuthn
import Words

/// Adding, renaming and removing one's own passkeys. The list of them is on the account page.
struct NewPasskeyPage: TemplateModel {
    static let template = Template<NewPasskeyPage>("passkey_new")
    static let routes: [Route<Handler>] = [
        Route(.get, "/account/passkeys/new", Handler(.viewer, confirmed: true, show)),
        Route(.post, "/account/passkeys/new", Handler(.viewer, confirmed: true, fields: PasskeyRequest.registrationFields, add)),
        Route(.post, "/account/passkeys/{id}/rename", Handler(.viewer, fields: ["name"], rename)),
        Route(.post, "/account/passkeys/{id}/remove", Handler(.viewer, confirmed: true, remove)),
    ]

    static var fields: [TemplateField<NewPasskeyPage>] {
        [.optional("passkey", \.request)] + TemplateField.form("name", of: \.inputs)
    }

    private let inputs: Inputs
    private let request: PasskeyRequest?

    static func show(_ visit: Visit) throws -> Response { try draw(visit, Inputs([:])) }

    static func add(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        do {
            let ceremony = try visit.ceremony
            let data = try ceremony.registered(
                clientData: Base64URL.decode(inputs.exact("client_data")) ?? [],
                attestationObject: Base64URL.decode(inputs.exact("attestation")) ?? [])
            guard let credential = data.credential else {
                throw Ceremony.Refusal("The authenticator made no passkey. Try again, or use another authenticator.")
            }
            let name = inputs.text("name")
            return try visit.changeSecondFactors { transaction in
                try inputs.collect {
                    try transaction.addPasskey(
                        ofAccount: session.account.id, credentialID: credential.id, relyingParty: ceremony.relyingParty, key: credential.key,
                        counter: data.counter, name: name, by: visit.author, at: visit.now)
                }
            }
        } catch let refusal as Ceremony.Refusal {
            inputs.refuse("passkey", refusal.message)
            return try draw(visit, inputs, status: .unprocessableContent)
        } catch let refused as Inputs.Refused {
            return try draw(visit, Inputs(["name": inputs.text("name")], errors: refused.errors), status: .unprocessableContent)
        }
    }

    /// Sessions stay as they are, because a name gives no rights.
    static func rename(_ visit: Visit) throws -> Response {
        try visit.write {
            try $0.renamePasskey(
                visit.parameters["id"], ofAccount: visit.ownSession.account.id, to: visit.inputs.text("name"), by: visit.author, at: visit.now)
        }
        return visit.done("/account", .saved)
    }

    static func remove(_ visit: Visit) throws -> Response {
        try visit.changeSecondFactors {
            try $0.removePasskey(visit.parameters["id"], ofAccount: visit.ownSession.account.id, by: visit.author, at: visit.now)
        }
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let session = try visit.ownSession
        var request = visit.passkeyRequest(to: "/account/passkeys/new")
        request?.passkeys = try visit.read { try $0.passkeys(ofAccount: session.account.id) }
        request?.account = session.account
        return try visit.page(template, NewPasskeyPage(inputs: inputs, request: request), status: status)
    }
}
