// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The first admin is made with a token that only somebody with access to the host can read.
public enum Setup {
    /// Seconds that a set-up token is valid: a day.
    public static let tokenLifetime: Int64 = 24 * 60 * 60
}

extension ReadTransaction {
    /// True until there is an admin.
    public func isSetupOpen() throws -> Bool { try !connection.exists("SELECT 1 FROM accounts WHERE role = 'admin'") }

    /// True when the token opens the set-up page. Asking does not use it up.
    public func isSetupToken(_ token: SecretToken, at now: UnixTime) throws -> Bool {
        try isSetupOpen()
            && connection.exists(
                "SELECT 1 FROM setup_tokens WHERE token_hash = ? AND expires_at > ? AND expires_at <= ?",
                [token.hash, .time(now), .time(now.latestEnd(ofLifetime: Setup.tokenLifetime))])
    }
}

extension WriteTransaction {
    /// A new set-up token; earlier ones end. Throws `.setupClosed` when an admin exists.
    public func issueSetupToken(at now: UnixTime) throws -> SecretToken {
        guard try isSetupOpen() else { throw StoreError.setupClosed }
        let token = SecretToken.generate(.setup)
        try connection.execute("DELETE FROM setup_tokens")
        try connection.execute(
            "INSERT INTO setup_tokens (token_hash, expires_at) VALUES (?, ?)",
            [token.hash, .time(now.adding(seconds: Setup.tokenLifetime))])
        return token
    }

    /// Makes the first admin and uses the token up, both or neither. Throws `.setupClosed` when an admin exists, `.tokenRefused` for a token
    /// that is unknown or expired, `.invalid` for a bad email.
    public func makeFirstAdmin(
        token: SecretToken, email: String, passwordHash: String, from address: String?, at now: UnixTime
    ) throws -> Account {
        guard try isSetupOpen() else { throw StoreError.setupClosed }
        guard try isSetupToken(token, at: now) else { throw StoreError.tokenRefused }
        try connection.execute("DELETE FROM setup_tokens")
        return try addAccount(
            email: email, passwordHash: passwordHash, role: .admin, by: Author(name: email, address: address), at: now)
    }
}
