// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Between the password and the second factor: a browser that gave the right password and may do nothing yet.
public enum PendingLogin {
    /// Seconds for the second factor.
    public static let lifetime: Int64 = 10 * 60
}

extension ReadTransaction {
    /// Whose second factor is awaited; nil when the token is unknown or old, or the account is disabled.
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
    /// Notes that the password was right. The token goes to the browser and is not kept.
    public func startPendingLogin(ofAccount id: String, at now: UnixTime) throws -> SecretToken {
        let token = SecretToken.generate(.login)
        try connection.execute("DELETE FROM pending_logins WHERE expires_at <= ?", [.time(now)])
        try connection.execute(
            "INSERT INTO pending_logins (token_hash, account_id, expires_at) VALUES (?, ?, ?)",
            [token.hash, .text(id), .time(now.adding(seconds: PendingLogin.lifetime))])
        return token
    }

    /// Takes back what `startPendingLogin` noted. One that is gone is no error.
    public func endPendingLogin(_ token: SecretToken) throws {
        try connection.execute("DELETE FROM pending_logins WHERE token_hash = ?", [token.hash])
    }
}
