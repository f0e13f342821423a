// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// Somebody who signs in to the portal.
public struct Account: Hashable, Sendable, Identifiable {
    /// What an account may do.
    public enum Role: String, Sendable, CaseIterable {
        /// May change everything.
        case admin
        /// May look at everything but secrets.
        case viewer
    }

    /// 16 random characters.
    public let id: String
    /// Unique ignoring case.
    public let email: String
    /// What it may do.
    public let role: Role
    /// A disabled account cannot sign in.
    public let isDisabled: Bool
    /// When it was added.
    public let createdAt: UnixTime
    /// True when signing in with the password asks for more.
    public let hasSecondFactor: Bool
}

extension ReadTransaction {
    /// All accounts by email.
    public func accounts() throws -> [Account] {
        try connection.all("SELECT \(Account.columns) FROM accounts ORDER BY email_key") { try $0.account() }
    }

    /// Throws `.notFound` when no account has this id.
    public func account(_ id: String) throws -> Account {
        let account = try connection.first("SELECT \(Account.columns) FROM accounts WHERE id = ?", [.text(id)]) { try $0.account() }
        guard let account else { throw StoreError.notFound(kind: "admin", id: id) }
        return account
    }

    /// The account of this email, ignoring case; nil when there is none.
    public func account(email: String) throws -> Account? {
        try connection.first("SELECT \(Account.columns) FROM accounts WHERE email_key = ?", [.text(FoldedName.of(email))]) {
            try $0.account()
        }
    }

    /// The Argon2id hash of an account's password as a PHC string. Throws `.notFound` when there is no such account.
    public func passwordHash(ofAccount id: String) throws -> String {
        let hash = try connection.first("SELECT password_hash FROM accounts WHERE id = ?", [.text(id)]) { try $0.text() }
        guard let hash else { throw StoreError.notFound(kind: "admin", id: id) }
        return hash
    }
}

extension WriteTransaction {
    /// Adds an account. `passwordHash` is what `PasswordHash.make` gave. Throws `.invalid` for an email that is none or is taken.
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

    /// Sets another password and ends the account's sessions, but for the one it was set in. Throws `.notFound`.
    public func setPassword(
        ofAccount id: String, hash: String, keepingSession sessionID: String? = nil, by author: Author, at now: UnixTime
    ) throws {
        let account = try account(id)
        try connection.execute("UPDATE accounts SET password_hash = ? WHERE id = ?", [.text(hash), .text(id)])
        try endSessions(ofAccount: id, except: sessionID)
        try connection.execute("DELETE FROM pending_logins WHERE account_id = ?", [.text(id)])
        try record("admin.set_password", target: account.auditTarget, by: author, at: now)
    }

    /// Stores the same password under today's parameters (`PasswordHash.needsRehash`). Nothing for the audit log, and sessions stay.
    public func refreshPasswordHash(ofAccount id: String, hash: String) throws {
        try connection.execute("UPDATE accounts SET password_hash = ? WHERE id = ?", [.text(hash), .text(id)])
    }

    /// Whoever becomes a viewer keeps no API token that may do more. Throws `.lastAdmin` when nobody would be left who can sign in as an admin,
    /// `.notFound` when there is no such account.
    public func setRole(ofAccount id: String, _ role: Account.Role, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        guard account.role != role else { return }
        try connection.execute("UPDATE accounts SET role = ? WHERE id = ?", [.text(role.rawValue), .text(id)])
        try requireAdmin()
        if role == .viewer { try removeAPITokens(ofAccount: id, by: author, at: now) }
        try record(
            "admin.set_role", target: account.auditTarget, before: ["role": account.role.rawValue], after: ["role": role.rawValue], by: author,
            at: now)
    }

    /// Disabling ends the account's sessions and the API tokens that it made. Throws `.lastAdmin` and `.notFound` as `setRole` does.
    public func setDisabled(ofAccount id: String, _ isDisabled: Bool, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        guard account.isDisabled != isDisabled else { return }
        try connection.execute("UPDATE accounts SET disabled = ? WHERE id = ?", [.flag(isDisabled), .text(id)])
        try requireAdmin()
        if isDisabled {
            try endSessions(ofAccount: id)
            try removeAPITokens(ofAccount: id, by: author, at: now)
        }
        try record(isDisabled ? "admin.disable" : "admin.enable", target: account.auditTarget, by: author, at: now)
    }

    /// Removes an account, its sessions and the API tokens that it made. Throws `.lastAdmin` and `.notFound` as `setRole` does.
    public func removeAccount(_ id: String, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        // Before the account, whose row would take them along without a word in the audit log.
        try removeAPITokens(ofAccount: id, by: author, at: now)
        try connection.execute("DELETE FROM accounts WHERE id = ?", [.text(id)])
        try requireAdmin()
        try record("admin.remove", target: account.auditTarget, before: ["role": account.role.rawValue], by: author, at: now)
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

    /// RFC 5321 4.5.3.1.3: a path has at most 256 octets, two of them its brackets.
    private static let maximumEmailByteCount = 254

    /// Why this is no email address; nil when it may be one. Only mail that arrives proves more.
    static func emailProblem(_ email: String) -> Phrase? {
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = email.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.properties.generalCategory != .control }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isPlain, email.utf8.count <= maximumEmailByteCount else {
            return "“\(email.prefix(80))” is not an email address. Example: ada@example.org."
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
