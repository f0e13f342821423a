// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The state between password and second factor: the browser gave the correct password but has no access yet.
public enum PendingLogin {
    /// Seconds in which the second factor must be given.
    public static let lifetime: Int64 = 10 * 60
}

extension ReadTransaction {
    /// The account whose second factor is pending. Nil if the token is unknown or expired, or the account is disabled.
    public func pendingLogin(_ token: SecretToken, at now: UnixTime) throws -> Account? {
        try connection.first(
            """
            SELECT \(Account.columns) FROM pending_logins JOIN accounts ON accounts.id = account_id
            WHERE token_hash = ? AND expires_at > ? AND expires_at <= ? AND disabled = 0
            """, [token.hash, .time(now), .time(now.latestEnd(ofLifetime: PendingLogin.lifetime))]
        ) { try $0.account() }
    }
}

extension WriteTransaction {
    /// Records that the password was correct. Returns the token for the browser; only its hash is stored. Throws `.outdatedSignIn` if
    /// `credentials` are no longer current.
    public func startPendingLogin(provedBy credentials: Credentials, at now: UnixTime) throws -> SecretToken {
        let account = try requireCurrent(credentials)
        let token = SecretToken.generate(.login)
        try connection.execute("DELETE FROM pending_logins WHERE expires_at <= ?", [.time(now)])
        try connection.execute(
            "INSERT INTO pending_logins (token_hash, account_id, expires_at) VALUES (?, ?, ?)",
            [token.hash, .text(account.id), .time(now.adding(seconds: PendingLogin.lifetime))])
        return token
    }

    /// Ends a pending login. Returns false if it has already ended: then its password no longer counts.
    @discardableResult
    public func endPendingLogin(_ token: SecretToken) throws -> Bool {
        try connection.execute("DELETE FROM pending_logins WHERE token_hash = ?", [token.hash]) == 1
    }
}
