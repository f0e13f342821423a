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
        try draw(visit, pending(visit).account, Inputs(["next": visit.request.query["next"] ?? ""]))
    }

    static func useCode(_ visit: Visit) throws -> Response {
        let credentials = try pending(visit)
        var inputs = visit.inputs
        guard let factor = try visit.useCode("code", of: credentials, &inputs) else {
            return try inputs.refusal { try draw(visit, credentials.account, inputs, status: $0) }
        }
        return try visit.start(credentials, with: "password and \(factor)", isSecondStep: true, then: SignInPage.localPath(inputs.exact("next")))
    }

    /// Signs in with a passkey, after the password or instead of it.
    static func usePasskey(_ visit: Visit) throws -> Response {
        let next = SignInPage.localPath(visit.inputs.exact("next"))
        let pending = try pendingCredentials(visit)?.account
        let buckets = try visit.passkeyBuckets(visit.ownerOfPasskey)
        if case .tooSoon(let wait, let message) = try visit.admit(buckets) {
            return try .tooSoon(wait) { try refuse(visit, pending, next, message, $0) }
        }
        do {
            let credentials = try visit.usedPasskey(of: pending)
            guard !credentials.account.isDisabled else {
                throw Ceremony.Refusal("This passkey is not known here. Use another, or sign in with your password.")
            }
            try visit.write { try $0.returnLoginAttempt(buckets) }
            let factors = pending == nil ? "passkey" : "password and passkey"
            return try visit.start(credentials, with: factors, isSecondStep: pending != nil, then: next)
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
    private static func pending(_ visit: Visit) throws -> Credentials {
        guard let credentials = try pendingCredentials(visit) else { throw SignInNeeded(path: nil) }
        return credentials
    }

    private static func pendingCredentials(_ visit: Visit) throws -> Credentials? {
        guard let token = visit.pendingToken else { return nil }
        return try visit.read { db in try db.pendingLogin(token, at: visit.now).map { try db.credentials(ofAccount: $0.id) } }
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
    func useCode(_ field: String, of credentials: Credentials, _ inputs: inout Inputs) throws -> String? {
        let account = credentials.account
        let code = inputs.text(field).filter { !$0.isWhitespace }
        let buckets = codeBuckets(code, of: credentials)
        if case .tooSoon(let wait, let message) = try admit(buckets) {
            inputs.refuse(field, message, wait: wait)
            return nil
        }
        let factor = try write { transaction -> String? in
            if try transaction.useTOTP(code, ofAccount: account.id, at: now) { return "app code" }
            let isRecovery = try transaction.useRecoveryCode(code, ofAccount: account.id, from: request.client.description, at: now)
            return isRecovery ? "recovery code" : nil
        }
        guard let factor else {
            try recordRefusal(session == nil ? "login.refused" : "confirm.refused", of: account.email)
            inputs.refuse(field, "This code is wrong, expired or already used. Enter the one that your app shows now.")
            return nil
        }
        try write { try $0.returnLoginAttempt(buckets) }
        return factor
    }

    /// The buckets for a code. Apps show six digits, so guesses from all strangers to the account are counted together; only people who know
    /// the password can make any. The same goes for guesses from all browsers that signed in before. A recovery code cannot be guessed and
    /// works meanwhile.
    private func codeBuckets(_ code: String, of credentials: Credentials) -> [LoginBucket] {
        let email = credentials.account.email
        if let session { return [.browser(email: email, id: "code session \(session.id)")] }
        let isOfApp = code.utf8.count <= 8 && code.utf8.allSatisfy { (48...57).contains($0) }
        if let browser = knownBrowser(of: credentials) {
            return [.browser(email: email, id: "code \(browser)")] + (isOfApp ? [.browserCodes(email: email)] : [])
        }
        return sourceBuckets + (isOfApp ? [.codes(email: email)] : [])
    }
}
