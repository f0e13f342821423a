// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// What a token may do.
public enum TokenScope: String, Sendable, CaseIterable, Comparable {
    /// Read everything but secrets.
    case read
    /// Add, change and remove devices, and fetch their files.
    case devices
    /// Change the defaults and the hub.
    case settings
    /// Read `/metrics`.
    case metrics

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A token of the API as lists show it. Holds no secret.
public struct APIToken: Hashable, Sendable, Identifiable {
    /// Names the token in lists and for ending it; opens nothing.
    public let id: String
    /// What people call it, 1–64 characters.
    public let name: String
    /// The last four characters of the token.
    public let hint: String
    /// All it may do.
    public let scopes: Set<TokenScope>
    /// Who made it: the email of the account that it belongs to, or who made it for nobody.
    public let createdBy: String
    /// When it was made.
    public let createdAt: UnixTime
    /// Nil is never.
    public let expiresAt: UnixTime?
    /// Its last use, to the minute, and the client's address then.
    public let usedAt: UnixTime?
    /// The client's address at its last use.
    public let usedFrom: String?

    /// True when the use of now is worth a write.
    public func isUseDue(at now: UnixTime, from address: String) -> Bool {
        usedFrom != address || usedAt.map { now.seconds(since: $0) >= 60 } ?? true
    }
}

extension ReadTransaction {
    /// All tokens, the newest first, expired ones too.
    public func apiTokens() throws -> [APIToken] {
        try connection.all("\(selectToken) ORDER BY api_tokens.created_at DESC, api_tokens.id") { try $0.apiToken() }
    }

    /// The token behind a secret; nil when it is unknown, removed or expired.
    public func apiToken(_ secret: SecretToken, at now: UnixTime) throws -> APIToken? {
        try connection.first("\(selectToken) WHERE token_hash = ? AND (expires_at IS NULL OR expires_at > ?)", [secret.hash, .time(now)]) {
            try $0.apiToken()
        }
    }
}

extension WriteTransaction {
    /// Makes a token. It goes when its owner goes; one of the command line has none. The secret is shown once and not kept. Throws `.invalid`
    /// without a name or scope, or for an expiry that is past.
    public func addAPIToken(
        name: String, scopes: Set<TokenScope>, expiresAt: UnixTime?, owner: Account?, by author: Author, at now: UnixTime
    ) throws -> (secret: SecretToken, token: APIToken) {
        var errors: [FieldError] = []
        if let message = TextRules.nameProblem(name) { errors.append(FieldError("name", message)) }
        if scopes.isEmpty { errors.append(FieldError("scopes", "A token without a scope can do nothing. Choose at least one.")) }
        if let expiresAt, expiresAt <= now { errors.append(FieldError("expires_at", "The expiry is in the past. Give a later one.")) }
        guard errors.isEmpty else { throw StoreError.invalid(errors) }
        let secret = SecretToken.generate(.api)
        let token = APIToken(
            id: Identifier.random(), name: name, hint: secret.hint, scopes: scopes, createdBy: owner?.email ?? author.name, createdAt: now,
            expiresAt: expiresAt, usedAt: nil, usedFrom: nil)
        try connection.execute(
            """
            INSERT INTO api_tokens (id, name, token_hash, hint, account_id, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(token.id), .text(name), secret.hash, .text(token.hint), .optional(text: owner?.id),
                .optional(text: owner == nil ? author.name : nil), .time(now), .optional(time: expiresAt),
            ])
        for scope in scopes {
            try connection.execute("INSERT INTO api_token_scopes (token_id, scope) VALUES (?, ?)", [.text(token.id), .text(scope.rawValue)])
        }
        try record("token.add", target: token.auditTarget, after: token.auditDetails, by: author, at: now)
        return (secret, token)
    }

    /// Notes a use of a token.
    public func noteUse(ofAPIToken id: String, from address: String, at now: UnixTime) throws {
        try connection.execute("UPDATE api_tokens SET used_at = ?, used_from = ? WHERE id = ?", [.time(now), .text(address), .text(id)])
    }

    /// Ends a token. Throws `.notFound` when there is no such token.
    public func removeAPIToken(_ id: String, by author: Author, at now: UnixTime) throws {
        let token = try connection.first("\(selectToken) WHERE api_tokens.id = ?", [.text(id)]) { try $0.apiToken() }
        guard let token else { throw StoreError.notFound(kind: "token", id: id) }
        try connection.execute("DELETE FROM api_tokens WHERE id = ?", [.text(id)])
        try record("token.remove", target: token.auditTarget, before: token.auditDetails, by: author, at: now)
    }

    /// Ends the tokens of an account, which must not outlive its rights.
    func removeAPITokens(ofAccount id: String, by author: Author, at now: UnixTime) throws {
        let tokens = try connection.all("SELECT id FROM api_tokens WHERE account_id = ? ORDER BY created_at DESC, id", [.text(id)]) { try $0.text() }
        for token in tokens { try removeAPIToken(token, by: author, at: now) }
    }
}

private let selectToken = """
    SELECT api_tokens.id, name, hint,
        coalesce((SELECT group_concat(scope, ' ') FROM api_token_scopes WHERE token_id = api_tokens.id), ''),
        coalesce(accounts.email, created_by), api_tokens.created_at, expires_at, used_at, used_from
    FROM api_tokens LEFT JOIN accounts ON accounts.id = account_id
    """

extension APIToken {
    fileprivate var scopesText: String { scopes.sorted().map(\.rawValue).joined(separator: " ") }
    fileprivate var auditTarget: String { "token/\(id)" }
    fileprivate var auditDetails: AuditDetails {
        ["name": name, "hint": hint, "scopes": scopesText, "expires_at": expiresAt.map { "\($0.seconds)" }]
    }
}

extension Row {
    fileprivate mutating func apiToken() throws -> APIToken {
        try APIToken(
            id: text(), name: text(), hint: text(), scopes: scopes(), createdBy: text(), createdAt: time(),
            expiresAt: optional { try $0.time() }, usedAt: optional { try $0.time() }, usedFrom: optional { try $0.text() })
    }

    private mutating func scopes() throws -> Set<TokenScope> {
        try parsed("scopes") { text in
            let scopes = text.split(separator: " ").map { TokenScope(rawValue: String($0)) }
            return scopes.contains(nil) ? nil : Set(scopes.compactMap { $0 })
        }
    }
}
