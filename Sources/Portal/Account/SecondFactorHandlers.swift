// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import WebAuthn
import Words

/// One's own second factors. Each change ends the account's other sessions and gives this one another token (ASVS 7.2.4, 7.4.3).
enum SecondFactorHandlers {
    static let appPage = Page("totp_new", TemplateShape.form("code").merging("problem qr secret uri"))
    static let codesPage = Page("recovery_codes", "codes[] left any_factor")
    static let passkeyPage = Page("passkey_new", TemplateShape.form("name").merging("problem").merging(PasskeyRequest.shape))

    /// The secret is made for this session and kept in memory until a code proves that the app has it.
    static func appForm(_ visit: Visit) throws -> Response { try drawApp(visit, Inputs([:])) }

    static func addApp(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        guard let totp = remembered(visit, session) else {
            inputs.refuse("code", "This page was open for too long, so the code is a new one. Scan it again.")
            return try drawApp(visit, inputs, status: .unprocessableContent)
        }
        guard let step = totp.step(of: inputs.text("code").filter { !$0.isWhitespace }, at: visit.now.seconds, after: 0) else {
            inputs.refuse("code", "The code does not match. Check that the clock of the phone is right, and take the code that it shows now.")
            return try drawApp(visit, inputs, status: .unprocessableContent)
        }
        visit.site.secrets.remove(for: "totp", session: session.id)
        return try change(visit) { try $0.setTOTP(totp, ofAccount: session.account.id, usedStep: step, by: visit.author, at: visit.now) }
    }

    static func removeApp(_ visit: Visit) throws -> Response {
        try change(visit) { try $0.removeTOTP(ofAccount: visit.ownSession.account.id, by: visit.author, at: visit.now) }
    }

    static func codes(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        let factors = try visit.read { try $0.secondFactors(ofAccount: session.account.id) }
        let codes = visit.site.secrets.text(for: "recovery codes", session: session.id, now: visit.now)?.split(separator: " ") ?? []
        return try visit.page(
            codesPage,
            [
                "codes": .list(codes.map { .text(String($0)) }), "left": .number(factors.recoveryCodesLeft), "any_factor": .flag(factors.isSet),
            ], notice: visit.notice)
    }

    static func makeCodes(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        guard session.account.hasSecondFactor else { throw HTTPError(.conflict, "Add an app or a passkey first; recovery codes stand in for them.") }
        let codes = try visit.site.database.write { try $0.makeRecoveryCodes(ofAccount: session.account.id, by: visit.author, at: visit.now) }
        visit.site.secrets.put(codes.joined(separator: " "), for: "recovery codes", session: session.id, now: visit.now)
        return .redirect(to: "/account/recovery-codes")
    }

    static func passkeyForm(_ visit: Visit) throws -> Response { try drawPasskey(visit, Inputs([:])) }

    static func addPasskey(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        do {
            guard let ceremony = visit.ceremony else { throw Ceremony.Refusal("Passkeys work over HTTPS and on localhost only.") }
            let data = try ceremony.registered(
                clientData: Base64URL.decode(inputs.exact("client_data")) ?? [],
                attestationObject: Base64URL.decode(inputs.exact("attestation")) ?? [])
            guard let credential = data.credential else { throw Ceremony.Refusal("The authenticator made no passkey.") }
            let name = inputs.text("name")
            return try change(visit) { transaction in
                try inputs.collect {
                    try transaction.addPasskey(
                        ofAccount: session.account.id, credentialID: credential.id, relyingParty: ceremony.relyingParty, key: credential.key,
                        counter: data.counter, name: name, by: visit.author, at: visit.now)
                }
            }
        } catch let refusal as Ceremony.Refusal {
            inputs.refuse("passkey", refusal.message)
            return try drawPasskey(visit, inputs, status: .unprocessableContent)
        } catch let refused as Inputs.Refused {
            return try drawPasskey(visit, Inputs(["name": inputs.text("name")], errors: refused.errors), status: .unprocessableContent)
        }
    }

    /// Changes no right, so the sessions stay as they are.
    static func renamePasskey(_ visit: Visit) throws -> Response {
        try visit.site.database.write {
            try $0.renamePasskey(
                visit.parameters["id"], ofAccount: visit.ownSession.account.id, to: visit.inputs.text("name"), by: visit.author, at: visit.now)
        }
        return visit.done("/account", .saved)
    }

    static func removePasskey(_ visit: Visit) throws -> Response {
        try change(visit) {
            try $0.removePasskey(visit.parameters["id"], ofAccount: visit.ownSession.account.id, by: visit.author, at: visit.now)
        }
    }

    /// The first factor comes with recovery codes, which are shown next.
    private static func change(_ visit: Visit, _ body: (WriteTransaction) throws -> Void) throws -> Response {
        let session = try visit.ownSession
        let id = session.account.id
        let (token, codes) = try visit.site.database.write { transaction in
            try body(transaction)
            try transaction.endSessions(ofAccount: id, except: session.id)
            let factors = try transaction.secondFactors(ofAccount: id)
            let needsCodes = factors.isSet && factors.recoveryCodesLeft == 0
            return (
                try transaction.renewSession(session.id, at: visit.now),
                needsCodes ? try transaction.makeRecoveryCodes(ofAccount: id, by: visit.author, at: visit.now) : []
            )
        }
        if !codes.isEmpty { visit.site.secrets.put(codes.joined(separator: " "), for: "recovery codes", session: session.id, now: visit.now) }
        var response = codes.isEmpty ? visit.done("/account", .factors) : visit.done("/account/recovery-codes", .factors)
        PortalCookie.session.set(token.reveal(), on: &response, for: visit.request)
        return response
    }

    private static func remembered(_ visit: Visit, _ session: Session) -> TOTP? {
        visit.site.secrets.text(for: "totp", session: session.id, now: visit.now).flatMap { Base32.decode($0) }.flatMap { TOTP(secret: $0) }
    }

    private static func drawApp(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let session = try visit.ownSession
        let totp = remembered(visit, session) ?? TOTP.generate()
        visit.site.secrets.put(totp.revealBase32(), for: "totp", session: session.id, now: visit.now)
        let hubName = try visit.read { try $0.hub().name }
        let uri = totp.keyURI(issuer: hubName, account: session.account.email)
        let digits = Array(totp.revealBase32())
        let groups = stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<min($0 + 4, digits.count)]) }
        return try visit.page(
            appPage,
            [
                "code": inputs.secretField("code"), "problem": inputs.problem(besides: ["code"]), "uri": .text(uri),
                "qr": .text(QRCode(uri).map(\.dataURL) ?? ""), "secret": .text(groups.joined(separator: " ")),
            ], status: status)
    }

    private static func drawPasskey(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let session = try visit.ownSession
        var request = visit.passkeyRequest(to: "/account/passkeys/new")
        request?.passkeys = try visit.read { try $0.passkeys(ofAccount: session.account.id) }
        request?.account = session.account
        return try visit.page(
            passkeyPage,
            ["name": inputs.field("name"), "problem": inputs.problem(besides: ["name"]), "passkey": .optional(request?.value)], status: status)
    }
}

extension Visit {
    /// The session of a route that needs one.
    var ownSession: Session {
        get throws {
            guard let session else { throw SignInNeeded(path: nil) }
            return session
        }
    }
}
