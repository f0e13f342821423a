// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Logging
import Net
import Store
import Words

extension Response {
    /// The page of `draw` as the response to an attempt that came too soon.
    static func tooSoon(_ seconds: Int64, _ draw: (Status) throws -> Response) rethrows -> Response {
        var response = try draw(.tooManyRequests)
        response.fields.set("Retry-After", String(seconds))
        return response
    }
}

extension Visit {
    /// Guesses are counted by account and by address. A browser that signed in to the account before has its own count, so that nobody can lock the
    /// owner out.
    func loginBuckets(_ email: String) -> [LoginBucket] {
        if let browser = knownBrowser(of: email) { return [.knownBrowser(email: email, browser: browser)] }
        return [.account(email: email)] + addressBuckets
    }

    /// All requests from this client; an IPv6 client counts with its whole /64.
    var addressBuckets: [LoginBucket] {
        let source =
            switch request.client {
            case .v4: request.client.description
            case .v6: request.client.masked(to: 64).description + "/64"
            }
        return [.address(source)]
    }

    /// Counts an attempt before doing any work for it. Returns nil if it may go on, otherwise the time to wait and a message. A refused attempt
    /// goes to the log and not to the audit log, because somebody who guesses must not be able to fill the disk.
    func tooSoon(_ buckets: [LoginBucket]) throws -> (seconds: Int64, message: Phrase)? {
        guard let wait = try site.database.write({ try $0.takeLoginAttempt(buckets, at: now) }) else { return nil }
        site.log.notice("an attempt to sign in was slowed down", metadata: ["address": "\(request.client)", "seconds": "\(wait)"])
        return (wait, "Too many attempts. Wait \(Amount.age(wait)) and try again.")
    }

    /// The token of a browser that gave the right password and still needs the second factor.
    var pendingToken: SecretToken? { PortalCookie.login.value(in: request).flatMap { SecretToken($0, kind: .login) } }

    func knownBrowser(of email: String) -> String? {
        let parts = PortalCookie.browser.value(in: request)?.split(separator: ".") ?? []
        guard parts.count == 2, site.signer.isValid(String(parts[1]), of: "\(parts[0]) \(email.lowercased())", for: .browser) else { return nil }
        return String(parts[0])
    }

    /// Starts a new session with a new token, even if there was a session before (ASVS 7.2.4). `factors` says how the user proved their identity.
    func start(_ account: Account, with factors: String, then path: String) throws -> Response {
        let old = PortalCookie.session.value(in: request).flatMap { SecretToken($0, kind: .session) }
        let author = Author(name: account.email, address: request.client.description)
        let token = try site.database.write { transaction in
            if let old, let session = try transaction.session(old, at: now) { try transaction.endSession(session.id) }
            if let pending = pendingToken { try transaction.endPendingLogin(pending) }
            try transaction.record("login", target: "admin/\(account.email)", after: ["with": factors], by: author, at: now)
            return try transaction.startSession(
                ofAccount: account.id, address: request.client.description, userAgent: request.fields["User-Agent"] ?? "", at: now
            ).token
        }
        var response = Response.redirect(to: path)
        PortalCookie.session.set(token.reveal(), on: &response, for: request)
        PortalCookie.preSession.remove(from: &response, for: request)
        if pendingToken != nil { PortalCookie.login.remove(from: &response, for: request) }
        let browser = knownBrowser(of: account.email) ?? Hex.encode(SecureRandom.bytes(16))
        let signature = site.signer.sign("\(browser) \(account.email.lowercased())", for: .browser)
        PortalCookie.browser.set("\(browser).\(signature)", on: &response, for: request)
        return response
    }
}
