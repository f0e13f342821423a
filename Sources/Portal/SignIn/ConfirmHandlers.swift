// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import WebAuthn
import Words

/// Asks who sits there once more, and goes on to what was asked for.
enum ConfirmHandlers {
    static let page = Page("confirm", TemplateShape.form("password", "code").merging("problem next has_app").merging(PasskeyRequest.shape))

    static func show(_ visit: Visit) throws -> Response {
        let next = SignInHandlers.localPath(visit.request.query["next"] ?? "")
        if visit.isConfirmed { return .redirect(to: next) }
        return try draw(visit, Inputs(["next": next]))
    }

    /// The password, or a code where there is one.
    static func confirm(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        if inputs.exact("password").isEmpty, session.account.hasSecondFactor, !inputs.text("code").isEmpty {
            if try visit.useCode("code", of: session.account, &inputs) != nil {
                try visit.site.database.write { try $0.confirmSession(session.id, at: visit.now) }
            }
        } else {
            try visit.confirmPassword("password", &inputs)
        }
        guard inputs.errors.isEmpty else { return try draw(visit, inputs, status: .unprocessableContent) }
        return .redirect(to: SignInHandlers.localPath(inputs.exact("next")))
    }

    static func passkey(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        if let wait = try visit.tooSoon([session.bucket]) {
            inputs.refuse("passkey", wait.message)
            return try .tooSoon(wait.seconds) { try draw(visit, inputs, status: $0) }
        }
        do {
            _ = try visit.usedPasskey(of: session.account)
        } catch let refusal as Ceremony.Refusal {
            try SignInHandlers.audit(visit, "confirm.refused", session.account.email)
            inputs.refuse("passkey", refusal.message)
            return try draw(visit, inputs, status: .unprocessableContent)
        }
        try visit.site.database.write {
            try $0.clearLoginAttempts([session.bucket])
            try $0.confirmSession(session.id, at: visit.now)
        }
        return .redirect(to: SignInHandlers.localPath(inputs.exact("next")))
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let factors = try visit.read { try $0.secondFactors(ofAccount: visit.ownSession.account.id) }
        var passkey = visit.passkeyRequest(to: "/account/confirm/passkey")
        passkey?.passkeys = factors.passkeys.filter { $0.relyingParty == visit.relyingParty }
        passkey?.next = inputs.exact("next")
        return try visit.page(
            page,
            [
                "password": inputs.secretField("password"), "code": inputs.secretField("code"), "next": .text(inputs.exact("next")),
                "problem": inputs.problem(besides: ["password", "code"]), "has_app": .flag(factors.hasTOTP),
                "passkey": .optional(passkey?.passkeys.isEmpty == false ? passkey?.value : nil),
            ], status: status)
    }
}

extension Session {
    /// Wrong passwords and passkeys given to confirm are counted by session.
    fileprivate var bucket: LoginBucket { .knownBrowser(email: account.email, browser: "session \(id)") }
}

extension Visit {
    /// Checks the password in `field` and makes the session fresh. Wrong ones count as attempts to sign in.
    func confirmPassword(_ field: String, _ inputs: inout Inputs) throws {
        guard let session else { throw SignInNeeded(path: nil) }
        let buckets = [session.bucket]
        if let wait = try tooSoon(buckets) {
            inputs.refuse(field, wait.message)
            return
        }
        let hash = try read { try $0.passwordHash(ofAccount: session.account.id) }
        let password = inputs.exact(field)
        guard try site.gate.pass({ PasswordHash.verify(password, against: hash) }) else {
            try site.database.write { try $0.record("confirm.refused", target: "admin/\(session.account.email)", by: author, at: now) }
            inputs.refuse(field, "This is not your password.")
            return
        }
        try site.database.write {
            try $0.clearLoginAttempts(buckets)
            try $0.confirmSession(session.id, at: now)
        }
    }
}
