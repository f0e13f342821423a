// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import WebAuthn
import Words

/// The second step of signing in: a code of an app, a recovery code, or a passkey. A passkey may also be the only step.
enum SecondFactorSignIn {
    static let page = Page("login_code", TemplateShape.form("code").merging("email problem has_app next").merging(PasskeyRequest.shape))

    static func show(_ visit: Visit) throws -> Response {
        let account = try pending(visit)
        return try draw(visit, account, Inputs(["next": visit.request.query["next"] ?? ""]))
    }

    static func code(_ visit: Visit) throws -> Response {
        let account = try pending(visit)
        var inputs = visit.inputs
        guard let factor = try visit.useCode("code", of: account, &inputs) else {
            return try draw(visit, account, inputs, status: .unprocessableContent)
        }
        return try visit.start(account, with: "password and \(factor)", then: SignInHandlers.localPath(inputs.exact("next")))
    }

    /// With the password before it, or instead of it.
    static func passkey(_ visit: Visit) throws -> Response {
        let next = SignInHandlers.localPath(visit.inputs.exact("next"))
        let pending = try visit.pendingToken.flatMap { token in try visit.read { try $0.pendingLogin(token, at: visit.now) } }
        let buckets = visit.addressBuckets
        if let wait = try visit.tooSoon(buckets) {
            return try .tooSoon(wait.seconds) { try refused(visit, pending, next, wait.message, $0) }
        }
        do {
            let passkey = try visit.usedPasskey(of: pending)
            let account = try visit.read { try $0.account(passkey.accountID) }
            guard !account.isDisabled else { throw Ceremony.Refusal("This passkey is not known here. Use another, or sign in with your password.") }
            try visit.site.database.write { try $0.clearLoginAttempts(buckets) }
            return try visit.start(account, with: pending == nil ? "passkey" : "password and passkey", then: next)
        } catch let refusal as Ceremony.Refusal {
            try SignInHandlers.audit(visit, "login.refused", pending?.email ?? "passkey")
            return try refused(visit, pending, next, refusal.message, .unprocessableContent)
        }
    }

    /// The page that the passkey was asked for on.
    private static func refused(_ visit: Visit, _ pending: Account?, _ next: String, _ message: Phrase, _ status: Status) throws -> Response {
        guard let pending else { return try SignInHandlers.page(visit, Inputs(["next": next]), problem: message, status: status) }
        return try draw(visit, pending, Inputs(["next": next], errors: [FieldError("passkey", message)]), status: status)
    }

    /// Whose second factor is awaited. Without one the way leads back to the password.
    private static func pending(_ visit: Visit) throws -> Account {
        guard let token = visit.pendingToken, let account = try visit.read({ try $0.pendingLogin(token, at: visit.now) }) else {
            throw SignInNeeded(path: nil)
        }
        return account
    }

    private static func draw(_ visit: Visit, _ account: Account, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let factors = try visit.read { try $0.secondFactors(ofAccount: account.id) }
        var passkey = factors.passkeys.isEmpty ? nil : visit.passkeyRequest(to: "/login/passkey")
        passkey?.passkeys = factors.passkeys.filter { $0.relyingParty == visit.relyingParty }
        passkey?.next = inputs.exact("next")
        return try visit.page(
            page,
            [
                "email": .text(account.email), "code": inputs.secretField("code"), "problem": inputs.problem(besides: ["code"]),
                "has_app": .flag(factors.hasTOTP), "next": .text(inputs.exact("next")),
                "passkey": .optional(passkey?.passkeys.isEmpty == false ? passkey?.value : nil),
            ], status: status)
    }
}

extension Visit {
    /// Uses a code of the account's app or a recovery code up and says which it was; nil, with a message at `field`, when it is neither.
    /// Wrong ones are slowed down as wrong passwords are.
    func useCode(_ field: String, of account: Account, _ inputs: inout Inputs) throws -> String? {
        let browser = session.map { "session \($0.id)" } ?? knownBrowser(of: account.email) ?? "unknown"
        let buckets = [LoginBucket.knownBrowser(email: account.email, browser: "code \(browser)")]
        if let wait = try tooSoon(buckets) {
            inputs.refuse(field, wait.message)
            return nil
        }
        let code = inputs.text(field)
        let factor = try site.database.write { transaction -> String? in
            if try transaction.useTOTP(code.filter { !$0.isWhitespace }, ofAccount: account.id, at: now) { return "app code" }
            let isRecovery = try transaction.useRecoveryCode(code, ofAccount: account.id, from: request.client.description, at: now)
            return isRecovery ? "recovery code" : nil
        }
        guard let factor else {
            try SignInHandlers.audit(self, session == nil ? "login.refused" : "confirm.refused", account.email)
            inputs.refuse(field, "This code is wrong, too old, or was used. Take the one that your app shows now.")
            return nil
        }
        try site.database.write { try $0.clearLoginAttempts(buckets) }
        return factor
    }
}
