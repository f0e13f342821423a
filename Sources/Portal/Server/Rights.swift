// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Store
import Words

// Who sends a request, and what they may do. The guard asks when the request arrives. Each transaction that writes asks again, because somebody may
// end the session, revoke the token or change the role in between.

extension Visit {
    /// Writes in the visitor's name. Throws, and writes nothing, if the visitor may no longer use this route.
    @discardableResult
    func write<R>(_ body: (WriteTransaction) throws -> R) throws -> R {
        try site.database.write { transaction in
            try requireRights(in: transaction)
            return try body(transaction)
        }
    }

    /// Makes one change of desired state, in the same way. `author` is who did it, if not the visitor's account or token.
    @discardableResult
    func change<R>(by author: Author? = nil, _ body: (ChangeTransaction) throws -> R) throws -> R {
        try site.database.change(by: author ?? self.author, at: now, breaksExpectations: breaksExpectations) { transaction in
            try requireRights(in: transaction)
            return try body(transaction)
        }
    }

    private func requireRights(in transaction: ReadTransaction) throws {
        if let session {
            let current = try request.session(in: transaction, at: now, limits: site.sessionLimits)
            guard current.account.id == session.account.id else { throw SignInNeeded(path: nil) }
            try current.requireRole(for: access)
        } else if token != nil {
            try request.apiToken(in: transaction, at: now).requireScope(for: access)
        }
    }
}

extension Request {
    /// The token of the session's cookie.
    var sessionToken: SecretToken? { PortalCookie.session.value(in: self).flatMap { SecretToken($0, kind: .session) } }

    /// The session of the browser, which may use the pages at this path. Throws `SignInNeeded` or `SecondFactorNeeded`.
    func session(in transaction: ReadTransaction, at now: UnixTime, limits: SessionLimits) throws -> Session {
        guard let sessionToken, let session = try transaction.session(sessionToken, at: now, limits: limits) else {
            throw SignInNeeded(path: method.isSafe ? rawPath : nil)
        }
        if session.owesSecondFactor, !isOpenWithoutSecondFactor { throw SecondFactorNeeded() }
        return session
    }

    /// True for the pages open to an account that must still add a second factor: adding one, its own sessions, and signing out. Tokens are
    /// excluded, because a token would be a way in without a second factor.
    private var isOpenWithoutSecondFactor: Bool { path == ["logout"] || path.first == "account" && path.dropFirst().first != "tokens" }

    /// The token of the Authorization field. Throws 401 if it is not valid.
    func apiToken(in transaction: ReadTransaction, at now: UnixTime) throws -> APIToken {
        let words = fields["Authorization"].map { $0.split(separator: " ") } ?? []
        guard words.count == 2, words[0].lowercased() == "bearer", let secret = SecretToken(String(words[1]), kind: .api),
            let token = try transaction.apiToken(secret, at: now)
        else {
            throw HTTPError(
                .unauthorized, "Send a valid token as Authorization: Bearer …. Tokens are made on the account page.",
                fields: ["WWW-Authenticate": "Bearer realm=\"hairpin\""])
        }
        return token
    }
}

extension Session {
    /// Throws 403 unless the account's role is enough for routes with this access.
    func requireRole(for access: Access) throws(HTTPError) {
        guard access == .admin, account.role != .admin else { return }
        throw .viewersChangeNothing
    }

    /// The token in this session's forms. It is a hash, so that the page does not contain the stored secret itself.
    var csrfToken: String { Hex.encode(Digest.sha256(Array("hairpin form".utf8) + csrfSecret)) }
}

extension APIToken {
    /// Throws 403 unless the token's scopes are enough for routes with this access.
    func requireScope(for access: Access) throws(HTTPError) {
        switch access {
        case .token(let scope), .tokenOrViewer(let scope): if scopes.contains(scope) { return }
        case .anyToken(let choice): if !scopes.isDisjoint(with: choice) { return }
        case .everybody, .entry, .viewer, .admin: break
        }
        throw refusal
    }

    /// 403 for a request that needs another scope.
    var refusal: HTTPError {
        HTTPError(.forbidden, "This token may not do that. Its scope is: \(scopes.sorted().map(\.rawValue).joined(separator: ", ")).")
    }
}

extension HTTPError {
    /// 403 for a viewer who asks for a change.
    static let viewersChangeNothing = HTTPError(
        .forbidden, "Your account can view everything but change nothing. Ask an admin to make this change.")
}
