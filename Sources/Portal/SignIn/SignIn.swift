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

/// The sign-in page, and signing out.
struct SignInPage: TemplateModel {
    static let template = Template<SignInPage>("login")
    static let routes: [Route<Handler>] = [
        Route(.get, "/login", Handler(.entry, show)),
        Route(.post, "/login", Handler(.entry, fields: ["email", "password", "next", HeldForm.field], signIn)),
        Route(.post, "/logout", Handler(.viewer, signOut)),
    ]

    static var fields: [TemplateField<SignInPage>] {
        [
            .text("next") { $0.inputs.exact("next") }, .text("held") { $0.inputs.exact(HeldForm.field) }, .phrase("problem", \.problem),
            .optional("passkey", \.passkey),
            .object("email") { $0.inputs.field("email") }, .object("password") { $0.inputs.secretField("password") },
        ]
    }

    private let inputs: Inputs
    private let problem: Phrase
    private let passkey: PasskeyRequest?

    static func show(_ visit: Visit) throws -> Response {
        try draw(visit, Inputs(["next": visit.request.query["next"] ?? ""]))
    }

    /// The answer to a form of somebody whose session has ended: signing in continues with it.
    static func hold(_ form: HeldForm, _ visit: Visit, next: String) throws -> Response {
        let sealed = PortalCookie.browser.id(in: visit.request).flatMap { form.sealed(for: $0, in: visit.site, at: visit.now) }
        var visit = visit
        visit.held =
            sealed == nil
            ? "Your session has ended, so nothing is saved. The form is too long to be kept here: go back in your browser to copy it."
            : "Your session has ended, so nothing is saved yet. Your entries are kept: sign in to go on with them."
        return try draw(visit, Inputs(["next": next, HeldForm.field: sealed ?? ""]), status: .forbidden)
    }

    /// An unknown address, a wrong password and a disabled account get the same message after the same work (ASVS 6.3.8).
    static func signIn(_ visit: Visit) throws -> Response {
        let email = visit.inputs.text("email")
        let password = visit.inputs.exact("password")
        let credentials = try visit.read { db in try db.account(email: email).map { try db.credentials(ofAccount: $0.id) } }
        let buckets = visit.loginBuckets(email, credentials)
        let claim: PasswordGate.Claim
        switch try visit.admit(buckets) {
        case .admitted(let admitted): claim = admitted
        case .tooSoon(let wait, let message): return try .tooSoon(wait) { try draw(visit, visit.inputs, problem: message, status: $0) }
        }
        let isRight = try visit.pass(claim, counting: buckets) {
            guard password.utf8.count <= 1024 else { return false }
            return credentials.map { PasswordHash.verify(password, against: $0.passwordHash) } ?? PasswordHash.verifyDummy(password)
        }
        do {
            guard isRight, let credentials, !credentials.account.isDisabled else { throw StoreError.outdatedSignIn }
            return try goOn(visit, credentials, password, buckets)
        } catch StoreError.outdatedSignIn {
            // A password that was right until a moment ago is wrong like any other.
            try visit.recordRefusal("login.refused", of: credentials?.account.email ?? (email.isLikeAddress ? email : "not an address"))
            return try draw(
                visit, visit.inputs, problem: "The email address or the password is wrong.", status: .unprocessableContent)
        }
    }

    /// Starts the session, or asks for the second factor. Throws `.outdatedSignIn` if the credentials changed after the password was checked.
    private static func goOn(_ visit: Visit, _ proved: Credentials, _ password: String, _ buckets: [LoginBucket]) throws -> Response {
        // If the gate is too busy for a new hash, a later sign-in makes it.
        let needsRehash = PasswordHash.needsRehash(proved.passwordHash)
        let renewed = needsRehash ? try? visit.site.gate.hash(password, as: .known(of: proved.account.email)) : nil
        let next = localPath(visit.inputs.exact("next"))
        let credentials = try visit.write {
            try $0.returnLoginAttempt(buckets)
            guard let renewed else { return proved }
            return try $0.refreshPasswordHash(of: proved, to: renewed)
        }
        guard credentials.account.hasSecondFactor else { return try visit.start(credentials, with: "password", then: next) }
        let token = try visit.write { try $0.startPendingLogin(provedBy: credentials, at: visit.now) }
        var response = Response.redirect(to: PageAddress("/login/code").with("next", next).text)
        PortalCookie.login.set(token.reveal(), on: &response, for: visit.request)
        visit.holdForm(for: token)
        return response
    }

    static func signOut(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        try visit.write {
            try $0.endSession(session.id)
            try $0.record("logout", target: "admin/\(session.account.email)", by: visit.author, at: visit.now)
        }
        var response = Response.redirect(to: "/login")
        PortalCookie.session.remove(from: &response, for: visit.request)
        // It clears the whole host, which a portal below a path shares with others.
        if visit.request.base.isEmpty { response.fields.set("Clear-Site-Data", "\"cache\", \"storage\"") }
        return response
    }

    /// `text` if it is a path on this site, otherwise the list of devices (ASVS 3.7.2).
    static func localPath(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isLocal = bytes.first == 0x2F && !(bytes.count > 1 && (bytes[1] == 0x2F || bytes[1] == 0x5C))
        let isPlain = bytes.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x5C }
        return isLocal && isPlain && bytes.count <= 512 ? text : "/devices"
    }

    /// Before the first admin exists, the page shows the way to the set-up instead of `problem`.
    static func draw(_ visit: Visit, _ inputs: Inputs, problem: Phrase = "", status: Status = .ok) throws -> Response {
        let isSetupOpen = try visit.read { try $0.isSetupOpen() }
        var passkey = isSetupOpen ? nil : visit.passkeyRequest(to: "/login/passkey")
        passkey?.isVerificationNeeded = true
        passkey?.next = inputs.exact("next")
        passkey?.held = inputs.exact(HeldForm.field)
        let setup: Phrase = "This hub has no admin yet. Open the set-up address from its log, or run: hairpin admin create"
        return try visit.page(
            template, SignInPage(inputs: inputs, problem: isSetupOpen ? setup : problem, passkey: passkey), status: status,
            notice: visit.notice == Notice.restored.text ? visit.notice : "")
    }
}

extension Visit {
    /// A request for one of the passkeys that work at this host name; nil if there are none.
    func passkeyRequest(to action: String, among factors: SecondFactors, next: String) -> PasskeyRequest? {
        let usable = factors.passkeys.filter { $0.relyingParty == relyingParty }
        guard !usable.isEmpty, var request = passkeyRequest(to: action) else { return nil }
        request.passkeys = usable
        request.next = next
        return request
    }

    /// The hub's name, which a password must not consist of.
    func hubName() throws -> String { try read { try $0.hub().name } }

    /// Adds a refused attempt to the audit log, which keeps it for ever. `name` is the email address that was tried, or what was tried instead of one.
    func recordRefusal(_ action: String, of name: String) throws {
        guard site.refusals.takeSignInEntry() else { return noteRefusal(.signIns) }
        try write {
            try $0.record(
                action, target: "admin/\(name.first(bytes: 254))", by: Author(name: "nobody", address: request.client.description), at: now)
        }
    }
}

extension String {
    /// True if this looks like an email address. Anything else in that field may be a password, so it is not recorded.
    fileprivate var isLikeAddress: Bool {
        let parts = split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !contains(where: \.isWhitespace) else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && !labels.contains { $0.isEmpty } && labels[labels.count - 1].allSatisfy(\.isLetter)
    }
}
