// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import WebAuthn
import Words

/// The second step of signing in: a code from an app, a recovery code, or a passkey. A passkey can also be the only step.
struct CodePage: TemplateModel {
    static let template = Template<CodePage>("login_code")
    static let routes: [Route<Handler>] = [
        Route(.get, "/login/code", Handler(.entry, show)),
        Route(.post, "/login/code", Handler(.entry, fields: ["code", "next"], useCode)),
        Route(.post, "/login/passkey", Handler(.entry, fields: PasskeyRequest.signatureFields, usePasskey)),
    ]

    static var fields: [TemplateField<CodePage>] {
        [
            .text("email", \.account.email), .flag("has_app", \.hasApp), .text("next") { $0.inputs.exact("next") }, .optional("passkey", \.passkey),
        ] + TemplateField.form(secret: ["code"], of: \.inputs)
    }

    private let account: Account
    private let inputs: Inputs
    private let hasApp: Bool
    private let passkey: PasskeyRequest?

    static func show(_ visit: Visit) throws -> Response {
        try draw(visit, pending(visit), Inputs(["next": visit.request.query["next"] ?? ""]))
    }

    static func useCode(_ visit: Visit) throws -> Response {
        let account = try pending(visit)
        var inputs = visit.inputs
        guard let factor = try visit.useCode("code", of: account, &inputs) else {
            return try inputs.refusal { try draw(visit, account, inputs, status: $0) }
        }
        return try visit.start(account, with: "password and \(factor)", then: SignInPage.localPath(inputs.exact("next")))
    }

    /// Signs in with a passkey, after the password or instead of it.
    static func usePasskey(_ visit: Visit) throws -> Response {
        let next = SignInPage.localPath(visit.inputs.exact("next"))
        let pending = try visit.pendingToken.flatMap { token in try visit.read { try $0.pendingLogin(token, at: visit.now) } }
        let buckets = visit.sourceBuckets
        if case .tooSoon(let wait, let message) = try visit.admit(buckets) {
            return try .tooSoon(wait) { try refuse(visit, pending, next, message, $0) }
        }
        do {
            let passkey = try visit.usedPasskey(of: pending)
            let account = try visit.read { try $0.account(passkey.accountID) }
            guard !account.isDisabled else { throw Ceremony.Refusal("This passkey is not known here. Use another, or sign in with your password.") }
            try visit.site.database.write { try $0.returnLoginAttempt(buckets) }
            return try visit.start(account, with: pending == nil ? "passkey" : "password and passkey", then: next)
        } catch let refusal as Ceremony.Refusal {
            try visit.recordRefusal("login.refused", of: pending?.email ?? "passkey")
            return try refuse(visit, pending, next, refusal.message, .unprocessableContent)
        }
    }

    /// Draws the page that the passkey was used on: this one, or the first step.
    private static func refuse(_ visit: Visit, _ pending: Account?, _ next: String, _ message: Phrase, _ status: Status) throws -> Response {
        guard let pending else {
            return try SignInPage.draw(
                visit, Inputs(["next": next, HeldForm.field: visit.inputs.exact(HeldForm.field)]), problem: message, status: status)
        }
        return try draw(visit, pending, Inputs(["next": next], errors: [FieldError("passkey", message)]), status: status)
    }

    /// The account whose password was given. Throws `SignInNeeded` if no password was given, or if that was too long ago.
    private static func pending(_ visit: Visit) throws -> Account {
        guard let token = visit.pendingToken, let account = try visit.read({ try $0.pendingLogin(token, at: visit.now) }) else {
            throw SignInNeeded(path: nil)
        }
        return account
    }

    private static func draw(_ visit: Visit, _ account: Account, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let factors = try visit.read { try $0.secondFactors(ofAccount: account.id) }
        let passkey = visit.passkeyRequest(to: "/login/passkey", among: factors, next: inputs.exact("next"))
        return try visit.page(
            template, CodePage(account: account, inputs: inputs, hasApp: factors.hasTOTP, passkey: passkey), status: status)
    }
}

extension Visit {
    /// Uses up a code from the account's app or a recovery code, and returns which of the two it was. Returns nil, with a message at `field`,
    /// if it is neither. Wrong codes are slowed down like wrong passwords.
    func useCode(_ field: String, of account: Account, _ inputs: inout Inputs) throws -> String? {
        let code = inputs.text(field).filter { !$0.isWhitespace }
        let buckets = codeBuckets(code, of: account.email)
        if case .tooSoon(let wait, let message) = try admit(buckets) {
            inputs.refuse(field, message, wait: wait)
            return nil
        }
        let factor = try site.database.write { transaction -> String? in
            if try transaction.useTOTP(code, ofAccount: account.id, at: now) { return "app code" }
            let isRecovery = try transaction.useRecoveryCode(code, ofAccount: account.id, from: request.client.description, at: now)
            return isRecovery ? "recovery code" : nil
        }
        guard let factor else {
            try recordRefusal(session == nil ? "login.refused" : "confirm.refused", of: account.email)
            inputs.refuse(field, "This code is wrong, expired or already used. Enter the one that your app shows now.")
            return nil
        }
        try site.database.write { try $0.returnLoginAttempt(buckets) }
        return factor
    }

    /// What a code counts in. Apps show six digits, so guesses from all strangers to the account are counted together; only people who know the
    /// password can make any. A recovery code cannot be guessed and works meanwhile.
    private func codeBuckets(_ code: String, of email: String) -> [LoginBucket] {
        if let session { return [.browser(email: email, id: "code session \(session.id)")] }
        if let browser = knownBrowser(of: email) { return [.browser(email: email, id: "code \(browser)")] }
        let isOfApp = code.utf8.count <= 8 && code.utf8.allSatisfy { (48...57).contains($0) }
        return sourceBuckets + (isOfApp ? [.codes(email: email)] : [])
    }
}
