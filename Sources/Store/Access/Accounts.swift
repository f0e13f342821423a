// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// A user of the portal.
public struct Account: Hashable, Sendable, Identifiable {
    /// The rights of an account.
    public enum Role: String, Sendable, CaseIterable {
        /// May change everything.
        case admin
        /// May view everything except secrets.
        case viewer
    }

    /// 16 random characters.
    public let id: String
    /// The email address, unique ignoring case.
    public let email: String
    /// The account's rights.
    public let role: Role
    /// A disabled account cannot sign in.
    public let isDisabled: Bool
    /// The creation time.
    public let createdAt: UnixTime
    /// True if signing in with the password also requires a second factor.
    public let hasSecondFactor: Bool
}

extension ReadTransaction {
    /// All accounts, sorted by email address.
    public func accounts() throws -> [Account] {
        try connection.all("SELECT \(Account.columns) FROM accounts ORDER BY email_key") { try $0.account() }
    }

    /// The account with this id. Throws `.notFound` if it does not exist.
    public func account(_ id: String) throws -> Account {
        let account = try connection.first("SELECT \(Account.columns) FROM accounts WHERE id = ?", [.text(id)]) { try $0.account() }
        guard let account else { throw StoreError.notFound(kind: "admin", id: id) }
        return account
    }

    /// The account with this email address, ignoring case; nil if there is none.
    public func account(email: String) throws -> Account? {
        try connection.first("SELECT \(Account.columns) FROM accounts WHERE email_key = ?", [.text(FoldedName.of(email))]) {
            try $0.account()
        }
    }

    /// The Argon2id hash of an account's password, as a PHC string. Throws `.notFound` if the account does not exist.
    public func passwordHash(ofAccount id: String) throws -> String {
        let hash = try connection.first("SELECT password_hash FROM accounts WHERE id = ?", [.text(id)]) { try $0.text() }
        guard let hash else { throw StoreError.notFound(kind: "admin", id: id) }
        return hash
    }
}

extension WriteTransaction {
    /// Adds an account. `passwordHash` is the result of `PasswordHash.make`. Throws `.invalid` for an invalid or already used email
    /// address.
    public func addAccount(
        email: String, passwordHash: String, role: Account.Role, by author: Author, at now: UnixTime
    ) throws -> Account {
        if let message = Account.emailProblem(email) { throw StoreError.invalid([FieldError("email", message)]) }
        if try account(email: email) != nil {
            throw StoreError.invalid([FieldError("email", "\(email) has an account already. Give another address, or reset its password.")])
        }
        let account = Account(id: Identifier.random(), email: email, role: role, isDisabled: false, createdAt: now, hasSecondFactor: false)
        try connection.execute(
            "INSERT INTO accounts (id, email, email_key, password_hash, role, disabled, created_at) VALUES (?, ?, ?, ?, ?, 0, ?)",
            [
                .text(account.id), .text(email), .text(FoldedName.of(email)), .text(passwordHash), .text(role.rawValue), .time(now),
            ])
        try record("admin.add", target: account.auditTarget, after: ["role": role.rawValue], by: author, at: now)
        return account
    }

    /// Changes the password and ends the account's sessions, except the current one. Throws `.notFound` if the account does not exist.
    public func setPassword(
        ofAccount id: String, hash: String, keepingSession sessionID: String? = nil, by author: Author, at now: UnixTime
    ) throws {
        let account = try account(id)
        try connection.execute("UPDATE accounts SET password_hash = ? WHERE id = ?", [.text(hash), .text(id)])
        try endSessions(ofAccount: id, except: sessionID)
        try record("admin.set_password", target: account.auditTarget, by: author, at: now)
    }

    /// Stores a new hash of the password that was just proved, with the current parameters (`PasswordHash.needsRehash`). Returns the
    /// credentials with the new hash. Writes no audit entry and ends no sessions. Throws `.outdatedSignIn` if `credentials` are no longer
    /// current, so that an old password never replaces a new one.
    public func refreshPasswordHash(of credentials: Credentials, to hash: String) throws -> Credentials {
        let id = try requireCurrent(credentials).id
        try connection.execute(
            "UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?", [.text(hash), .text(id), .text(credentials.passwordHash)])
        return try self.credentials(ofAccount: id)
    }

    /// Changes the role of an account. A new viewer loses API tokens and one-time links. Throws `.lastAdmin` if no admin could
    /// sign in afterwards, and `.notFound` if the account does not exist.
    public func setRole(ofAccount id: String, _ role: Account.Role, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        guard account.role != role else { return }
        try connection.execute("UPDATE accounts SET role = ? WHERE id = ?", [.text(role.rawValue), .text(id)])
        try requireAdmin()
        if role == .viewer { try removeGrants(of: account, by: author, at: now) }
        try record(
            "admin.set_role", target: account.auditTarget, before: ["role": account.role.rawValue], after: ["role": role.rawValue], by: author,
            at: now)
    }

    /// Enables or disables an account. Disabling ends its sessions and removes its API tokens and one-time links. Throws `.lastAdmin` and `.notFound` like
    /// `setRole`.
    public func setDisabled(ofAccount id: String, _ isDisabled: Bool, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        guard account.isDisabled != isDisabled else { return }
        try connection.execute("UPDATE accounts SET disabled = ? WHERE id = ?", [.flag(isDisabled), .text(id)])
        try requireAdmin()
        if isDisabled {
            try endSessions(ofAccount: id)
            try removeGrants(of: account, by: author, at: now)
        }
        try record(isDisabled ? "admin.disable" : "admin.enable", target: account.auditTarget, by: author, at: now)
    }

    /// Removes an account, its sessions, API tokens and one-time links. Throws `.lastAdmin` and `.notFound` like `setRole`.
    public func removeAccount(_ id: String, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        // Before the account: deleting its row also deletes the tokens, without audit entries.
        try removeGrants(of: account, by: author, at: now)
        try connection.execute("DELETE FROM accounts WHERE id = ?", [.text(id)])
        try requireAdmin()
        try record("admin.remove", target: account.auditTarget, before: ["role": account.role.rawValue], by: author, at: now)
    }

    /// Removes the API tokens and one-time links that the account has made. They work without a session and must not outlive the account's
    /// rights.
    private func removeGrants(of account: Account, by author: Author, at now: UnixTime) throws {
        try removeAPITokens(ofAccount: account.id, by: author, at: now)
        try revokeLinks(madeBy: account.email, by: author, at: now)
    }

    private func requireAdmin() throws {
        guard try connection.exists("SELECT 1 FROM accounts WHERE role = 'admin' AND disabled = 0") else { throw StoreError.lastAdmin }
    }
}

extension Account {
    static let columns = """
        accounts.id, accounts.email, accounts.role, accounts.disabled, accounts.created_at,
        EXISTS (SELECT 1 FROM totp WHERE totp.account_id = accounts.id) OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.account_id = accounts.id)
        """

    var auditTarget: String { "admin/\(email)" }

    /// Bytes. A path has at most 256, including its two brackets (RFC 5321 4.5.3.1.3).
    private static let maximumEmailByteCount = 254

    /// The reason why an email address is not valid; nil if it may be valid. Only a delivered message proves that an address exists.
    static func emailProblem(_ email: String) -> Phrase? {
        if let hidden = TextRules.hiddenCharacter(in: email) { return "The email address contains the invisible character \(hidden). Remove it." }
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = email.unicodeScalars.allSatisfy { !$0.properties.isWhitespace }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isPlain, email.utf8.count <= maximumEmailByteCount else {
            return "“\(email.first(scalars: 80))” is not an email address. Example: ada@example.org."
        }
        return nil
    }
}

extension Row {
    mutating func account() throws -> Account {
        try Account(
            id: text(), email: text(), role: parsed("a role") { Account.Role(rawValue: $0) }, isDisabled: flag(), createdAt: time(),
            hasSecondFactor: flag())
    }
}
