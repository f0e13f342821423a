// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// A permission of a token.
public enum TokenScope: String, Sendable, CaseIterable, Comparable {
    /// Read everything except secrets.
    case read
    /// Add, change and remove devices, and fetch their files.
    case devices
    /// Change the defaults and the hub.
    case settings
    /// Read `/metrics`.
    case metrics

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// An API token as shown in lists. Contains no secrets.
public struct APIToken: Hashable, Sendable, Identifiable {
    /// Identifies the token in lists and for removal. Grants no access.
    public let id: String
    /// The display name, 1–64 characters.
    public let name: String
    /// The last four characters of the token.
    public let hint: String
    /// The permissions of the token.
    public let scopes: Set<TokenScope>
    /// The email address of the owning account, or the author of a token without an owner.
    public let createdBy: String
    /// The creation time.
    public let createdAt: UnixTime
    /// The expiry time; nil means never.
    public let expiresAt: UnixTime?
    /// The time of the last use, to the minute.
    public let usedAt: UnixTime?
    /// The client's address at the last use.
    public let usedFrom: String?

    /// True if a use at `now` should be written to the database.
    public func isUseDue(at now: UnixTime, from address: String) -> Bool {
        usedFrom != address || usedAt.map { now.seconds(since: $0) >= 60 } ?? true
    }
}

extension ReadTransaction {
    /// All tokens, including expired ones, newest first.
    public func apiTokens() throws -> [APIToken] {
        try connection.all("\(selectToken) ORDER BY api_tokens.created_at DESC, api_tokens.id") { try $0.apiToken() }
    }

    /// The token for a secret. Nil if it is unknown, removed or expired, or if its owner is not an admin who may sign in.
    public func apiToken(_ secret: SecretToken, at now: UnixTime) throws -> APIToken? {
        try connection.first(
            "\(selectToken) WHERE token_hash = ? AND (expires_at IS NULL OR expires_at > ?) AND \(hasRightfulOwner)", [secret.hash, .time(now)]
        ) { try $0.apiToken() }
    }
}

extension WriteTransaction {
    /// Creates a token. It is removed with its owner; a token from the command line has no owner. The secret is returned once and only its
    /// hash is stored. Throws `.invalid` if there is no name or scope, or if the expiry time is in the past.
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

    /// Records a use of a token.
    public func noteUse(ofAPIToken id: String, from address: String, at now: UnixTime) throws {
        try connection.execute("UPDATE api_tokens SET used_at = ?, used_from = ? WHERE id = ?", [.time(now), .text(address), .text(id)])
    }

    /// Removes a token. Throws `.notFound` if it does not exist.
    public func removeAPIToken(_ id: String, by author: Author, at now: UnixTime) throws {
        let token = try connection.first("\(selectToken) WHERE api_tokens.id = ?", [.text(id)]) { try $0.apiToken() }
        guard let token else { throw StoreError.notFound(kind: "token", id: id) }
        try connection.execute("DELETE FROM api_tokens WHERE id = ?", [.text(id)])
        try record("token.remove", target: token.auditTarget, before: token.auditDetails, by: author, at: now)
    }

    /// Removes the tokens of an account, because a token must not outlive the account's rights.
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

/// Tokens from the command line have no owner.
private let hasRightfulOwner = "(account_id IS NULL OR accounts.disabled = 0 AND accounts.role = 'admin')"

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
