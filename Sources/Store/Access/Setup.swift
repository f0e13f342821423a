// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Creation of the first admin. It requires a token that only somebody with access to the host can read.
public enum Setup {
    /// The lifetime of a setup token in seconds: one day.
    public static let tokenLifetime: Int64 = 24 * 60 * 60
}

extension ReadTransaction {
    /// True while there is no admin.
    public func isSetupOpen() throws -> Bool { try !connection.exists("SELECT 1 FROM accounts WHERE role = 'admin'") }

    /// True if the token gives access to the setup page. Does not use up the token.
    public func isSetupToken(_ token: SecretToken, at now: UnixTime) throws -> Bool {
        try isSetupOpen()
            && connection.exists(
                "SELECT 1 FROM setup_tokens WHERE token_hash = ? AND expires_at > ? AND expires_at <= ?",
                [token.hash, .time(now), .time(now.latestEnd(ofLifetime: Setup.tokenLifetime))])
    }
}

extension Database {
    private var setupAddressPath: String { "\(folder)/setup-url" }

    /// Writes the one-time setup URL to a private file in the data folder, for people who do not read the log. Throws `.file`.
    public func writeSetupAddress(_ url: String) throws {
        try StoreError.files { () throws(FileError) in try Files.writeAtomically(Array((url + "\n").utf8), to: setupAddressPath) }
    }

    /// Removes that file once there is an admin, whoever made one. Cheap if there is no file.
    public func removeSetupAddressIfClosed() {
        guard Files.exists(setupAddressPath), let isOpen = try? read({ try $0.isSetupOpen() }), !isOpen else { return }
        try? Files.remove(setupAddressPath)
    }
}

extension WriteTransaction {
    /// Creates a setup token and invalidates earlier ones. Throws `.setupClosed` if an admin exists.
    public func issueSetupToken(at now: UnixTime) throws -> SecretToken {
        guard try isSetupOpen() else { throw StoreError.setupClosed }
        let token = SecretToken.generate(.setup)
        try connection.execute("DELETE FROM setup_tokens")
        try connection.execute(
            "INSERT INTO setup_tokens (token_hash, expires_at) VALUES (?, ?)",
            [token.hash, .time(now.adding(seconds: Setup.tokenLifetime))])
        return token
    }

    /// Creates the first admin and uses up the token, in one step. Throws `.setupClosed` if an admin exists, `.tokenRefused` if the token
    /// is unknown or expired, and `.invalid` for an invalid email address.
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
