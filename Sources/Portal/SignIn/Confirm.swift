// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import WebAuthn
import Words

/// Asks a signed-in user to confirm their identity, then goes on to the page that needed it.
struct ConfirmPage: TemplateModel {
    static let template = Template<ConfirmPage>("confirm")
    static let routes: [Route<Handler>] = [
        Route(.get, "/account/confirm", Handler(.viewer, show)),
        Route(.post, "/account/confirm", Handler(.viewer, fields: ["password", "code", "next"], confirm)),
        Route(.post, "/account/confirm/passkey", Handler(.viewer, fields: PasskeyRequest.signatureFields, usePasskey)),
    ]

    static var fields: [TemplateField<ConfirmPage>] {
        [.flag("has_app", \.hasApp), .text("next") { $0.inputs.exact("next") }, .optional("passkey", \.passkey)]
            + TemplateField.form(secret: ["password", "code"], of: \.inputs)
    }

    private let inputs: Inputs
    private let hasApp: Bool
    private let passkey: PasskeyRequest?

    static func show(_ visit: Visit) throws -> Response {
        let next = SignInPage.localPath(visit.request.query["next"] ?? "")
        if visit.isConfirmed { return .redirect(to: next) }
        return try draw(visit, Inputs(["next": next]))
    }

    /// Takes the password, or a code where the account has a second factor.
    static func confirm(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        if inputs.exact("password").isEmpty, session.account.hasSecondFactor, !inputs.text("code").isEmpty {
            let credentials = try visit.read { try $0.credentials(ofAccount: session.account.id) }
            if try visit.useCode("code", of: credentials, &inputs) != nil {
                try visit.write { try $0.confirmSession(session.id, at: visit.now) }
            }
        } else {
            try visit.confirmPassword("password", &inputs)
        }
        guard inputs.errors.isEmpty else { return try inputs.refusal { try draw(visit, inputs, status: $0) } }
        return .redirect(to: SignInPage.localPath(inputs.exact("next")))
    }

    static func usePasskey(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        if case .tooSoon(let wait, let message) = try visit.admit([session.bucket]) {
            inputs.refuse("passkey", message, wait: wait)
            return try inputs.refusal { try draw(visit, inputs, status: $0) }
        }
        do {
            _ = try visit.usedPasskey(of: session.account)
        } catch let refusal as Ceremony.Refusal {
            try visit.recordRefusal("confirm.refused", of: session.account.email)
            inputs.refuse("passkey", refusal.message)
            return try draw(visit, inputs, status: .unprocessableContent)
        }
        try visit.write {
            try $0.returnLoginAttempt([session.bucket])
            try $0.confirmSession(session.id, at: visit.now)
        }
        return .redirect(to: SignInPage.localPath(inputs.exact("next")))
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let factors = try visit.read { try $0.secondFactors(ofAccount: visit.ownSession.account.id) }
        let passkey = visit.passkeyRequest(to: "/account/confirm/passkey", among: factors, next: inputs.exact("next"))
        return try visit.page(template, ConfirmPage(inputs: inputs, hasApp: factors.hasTOTP, passkey: passkey), status: status)
    }
}

extension Session {
    /// Counts the wrong passwords and passkeys of one session.
    fileprivate var bucket: LoginBucket { .browser(email: account.email, id: "session \(id)") }
}

extension Visit {
    /// Checks the password in `field` and confirms the session. Wrong passwords count as attempts to sign in.
    func confirmPassword(_ field: String, _ inputs: inout Inputs) throws {
        let session = try ownSession
        let buckets = [session.bucket]
        if case .tooSoon(let wait, let message) = try admit(buckets) {
            inputs.refuse(field, message, wait: wait)
            return
        }
        let hash = try read { try $0.passwordHash(ofAccount: session.account.id) }
        let password = inputs.exact(field)
        guard try pass(.known(of: session.account.email), counting: buckets, { PasswordHash.verify(password, against: hash) }) else {
            try write { try $0.record("confirm.refused", target: "admin/\(session.account.email)", by: author, at: now) }
            inputs.refuse(field, "This is not your password.")
            return
        }
        try write {
            try $0.returnLoginAttempt(buckets)
            try $0.confirmSession(session.id, at: now)
        }
    }
}
