// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Store
import Words

/// Signing in and out.
enum SignInHandlers {
    static let loginPage = Page("login", TemplateShape.form("email", "password").merging("problem next").merging(PasskeyRequest.shape))

    static func show(_ visit: Visit) throws -> Response {
        try page(visit, Inputs(["next": visit.request.query["next"] ?? ""]))
    }

    /// One text for an unknown address, a wrong password and a disabled account, after the same work (ASVS 6.3.8).
    static func signIn(_ visit: Visit) throws -> Response {
        let email = visit.inputs.text("email")
        let password = visit.inputs.exact("password")
        let buckets = visit.loginBuckets(email)
        if let wait = try visit.tooSoon(buckets) {
            return try .tooSoon(wait.seconds) { try page(visit, visit.inputs, problem: wait.message, status: $0) }
        }
        let (account, hash) = try visit.read { transaction -> (Account?, String?) in
            let account = try transaction.account(email: email)
            return (account, try account.map { try transaction.passwordHash(ofAccount: $0.id) })
        }
        let isRight = try visit.site.gate.pass {
            password.utf8.count <= 1024 && (hash.map { PasswordHash.verify(password, against: $0) } ?? PasswordHash.verifyDummy(password))
        }
        guard isRight, let account, let hash, !account.isDisabled else {
            try audit(visit, "login.refused", email)
            return try page(
                visit, visit.inputs, problem: "This email address and password do not belong together. Check both.", status: .unprocessableContent)
        }
        let renewed = PasswordHash.needsRehash(hash) ? try visit.site.gate.pass { PasswordHash.make(password) } : nil
        try visit.site.database.write {
            try $0.clearLoginAttempts(buckets)
            if let renewed { try $0.refreshPasswordHash(ofAccount: account.id, hash: renewed) }
        }
        let next = localPath(visit.inputs.exact("next"))
        guard account.hasSecondFactor else { return try visit.start(account, with: "password", then: next) }
        let token = try visit.site.database.write { try $0.startPendingLogin(ofAccount: account.id, at: visit.now) }
        var response = Response.redirect(to: Link("/login/code").with("next", next).text)
        PortalCookie.login.set(token.reveal(), on: &response, for: visit.request)
        return response
    }

    static func signOut(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        try visit.site.database.write {
            try $0.endSession(session.id)
            try $0.record("logout", target: "admin/\(session.account.email)", by: visit.author, at: visit.now)
        }
        var response = Response.redirect(to: "/login")
        PortalCookie.session.remove(from: &response, for: visit.request)
        response.fields.set("Clear-Site-Data", "\"cache\", \"storage\"")
        return response
    }

    /// A path of ours; everything else leads to the devices (ASVS 3.7.2).
    static func localPath(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isLocal = bytes.first == 0x2F && !(bytes.count > 1 && (bytes[1] == 0x2F || bytes[1] == 0x5C))
        let isPlain = bytes.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x5C }
        return isLocal && isPlain && bytes.count <= 512 ? text : "/devices"
    }

    static func page(_ visit: Visit, _ inputs: Inputs, problem: Phrase = "", status: Status = .ok) throws -> Response {
        let open = try visit.read { try $0.isSetupOpen() }
        var passkey = visit.passkeyRequest(to: "/login/passkey")
        passkey?.isVerificationNeeded = true
        passkey?.next = inputs.exact("next")
        return try visit.page(
            loginPage,
            [
                "email": inputs.field("email"), "password": inputs.secretField("password"), "next": .text(inputs.exact("next")),
                "passkey": .optional(open ? nil : passkey?.value),
                "problem": .phrase(
                    open ? "This hub has no admin yet. Open the set-up address that it printed to its log, or run: hairpin admin create" : problem),
            ], status: status)
    }

    static func audit(_ visit: Visit, _ action: String, _ email: String) throws {
        try visit.site.database.write {
            try $0.record(
                action, target: "admin/\(email.prefix(254))", by: Author(name: "nobody", address: visit.request.client.description), at: visit.now)
        }
    }
}
