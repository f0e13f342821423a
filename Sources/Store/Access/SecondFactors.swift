// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The second factors of an account.
public struct SecondFactors: Hashable, Sendable {
    /// True if an authenticator app is set up.
    public var hasTOTP: Bool
    /// The time of the last use of an app code.
    public var totpUsedAt: UnixTime?
    /// The passkeys, oldest first.
    public var passkeys: [Passkey]
    /// The number of unused recovery codes.
    public var recoveryCodesLeft: Int

    /// True if signing in with the password also requires a second factor.
    public var isSet: Bool { hasTOTP || !passkeys.isEmpty }
}

extension ReadTransaction {
    /// The second factors of an account, without secrets.
    public func secondFactors(ofAccount id: String) throws -> SecondFactors {
        let totp = try connection.first("SELECT used_at FROM totp WHERE account_id = ?", [.text(id)]) { try $0.optional { try $0.time() } }
        let codes = try connection.first("SELECT count(*) FROM recovery_codes WHERE account_id = ?", [.text(id)]) { try $0.integer() }
        return SecondFactors(
            hasTOTP: totp != nil, totpUsedAt: totp ?? nil, passkeys: try passkeys(ofAccount: id), recoveryCodesLeft: Int(codes ?? 0))
    }

    /// True if all accounts must have a second factor.
    public func isSecondFactorRequired() throws -> Bool {
        try connection.first("SELECT second_factor_required FROM access_rules") { try $0.flag() } ?? false
    }
}

extension WriteTransaction {
    /// Sets whether all accounts must have a second factor.
    public func setSecondFactorRequired(_ isRequired: Bool, by author: Author, at now: UnixTime) throws {
        let was = try isSecondFactorRequired()
        guard was != isRequired else { return }
        try connection.execute("UPDATE access_rules SET second_factor_required = ?", [.flag(isRequired)])
        try record(
            "access.update", target: "access", before: ["second_factor_required": "\(was)"], after: ["second_factor_required": "\(isRequired)"],
            by: author, at: now)
    }

    /// Sets up an authenticator app for the account and replaces an earlier one. `step` is the time step of the code that proved that the
    /// app has the secret. Throws `.notFound` if the account does not exist.
    public func setTOTP(_ totp: TOTP, ofAccount id: String, usedStep step: Int64, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        try connection.execute(
            "INSERT OR REPLACE INTO totp (account_id, secret, last_step, created_at, used_at) VALUES (?, ?, ?, ?, ?)",
            [.text(id), .blob(try secrets.seal(totp.reveal(), for: TOTP.place(id), connection)), .integer(step), .time(now), .time(now)])
        try record("totp.add", target: account.auditTarget, by: author, at: now)
    }

    /// Removes the authenticator app. Throws `.notFound` if the account does not exist.
    public func removeTOTP(ofAccount id: String, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        guard try connection.execute("DELETE FROM totp WHERE account_id = ?", [.text(id)]) == 1 else { return }
        try record("totp.remove", target: account.auditTarget, by: author, at: now)
        try removeUselessRecoveryCodes(ofAccount: id)
    }

    /// True if `code` is currently valid and unused. Marks the code as used.
    public func useTOTP(_ code: String, ofAccount id: String, at now: UnixTime) throws -> Bool {
        let row = try connection.first("SELECT secret, last_step FROM totp WHERE account_id = ?", [.text(id)]) { try ($0.blob(), $0.integer()) }
        guard let (sealed, last) = row, let totp = TOTP(secret: try secrets.openStored(sealed, TOTP.place(id))),
            let step = totp.step(of: code, at: now.seconds, after: last)
        else { return false }
        try connection.execute("UPDATE totp SET last_step = ?, used_at = ? WHERE account_id = ?", [.integer(step), .time(now), .text(id)])
        return true
    }

    /// Creates ten recovery codes that replace the earlier ones. They are returned once and only their hashes are stored. Throws
    /// `.notFound` if the account does not exist.
    public func makeRecoveryCodes(ofAccount id: String, by author: Author, at now: UnixTime) throws -> [String] {
        let account = try account(id)
        let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode.make() }
        try connection.execute("DELETE FROM recovery_codes WHERE account_id = ?", [.text(id)])
        for code in codes {
            try connection.execute(
                "INSERT INTO recovery_codes (account_id, code_hash) VALUES (?, ?)", [.text(id), RecoveryCode.hash(code, account: id)])
        }
        try record("recovery_codes.make", target: account.auditTarget, by: author, at: now)
        return codes
    }

    /// True if `text` is a recovery code of the account, with or without grouping. Uses up the code.
    public func useRecoveryCode(_ text: String, ofAccount id: String, from address: String?, at now: UnixTime) throws -> Bool {
        guard let code = RecoveryCode.normalized(text) else { return false }
        let used = try connection.execute(
            "DELETE FROM recovery_codes WHERE account_id = ? AND code_hash = ?", [.text(id), RecoveryCode.hash(code, account: id)])
        guard used == 1 else { return false }
        let account = try account(id)
        try record("recovery_codes.use", target: account.auditTarget, by: Author(name: account.email, address: address), at: now)
        return true
    }

    /// Removes all second factors, for a user who lost them, and ends the account's sessions. Throws `.notFound` if the account does not
    /// exist.
    public func removeSecondFactors(ofAccount id: String, by author: Author, at now: UnixTime) throws {
        let account = try account(id)
        for table in ["totp", "passkeys", "recovery_codes"] {
            try connection.execute("DELETE FROM \(table) WHERE account_id = ?", [.text(id)])
        }
        try endSessions(ofAccount: id)
        try record("second_factors.remove", target: account.auditTarget, by: author, at: now)
    }

    /// Removes recovery codes of an account without a second factor. They replace a factor; without one, they would be a second password.
    func removeUselessRecoveryCodes(ofAccount id: String) throws {
        guard try !secondFactors(ofAccount: id).isSet else { return }
        try connection.execute("DELETE FROM recovery_codes WHERE account_id = ?", [.text(id)])
    }
}

/// A recovery code that replaces a lost second factor once: 80 random bits as four groups of four Base32 digits. With 80 random bits, a
/// fast hash is sufficient.
enum RecoveryCode {
    static let count = 10
    private static let byteCount = 10

    static func make() -> String {
        let digits = Array(Base32.encode(SecureRandom.bytes(byteCount)))
        return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<$0 + 4]) }.joined(separator: "-")
    }

    /// The code in its original form; nil if it is not valid.
    static func normalized(_ text: String) -> String? {
        let digits = text.filter { $0 != "-" && !$0.isWhitespace }.uppercased()
        guard digits.utf8.count == 16, Base32.decode(digits)?.count == byteCount else { return nil }
        let characters = Array(digits)
        return stride(from: 0, to: 16, by: 4).map { String(characters[$0..<$0 + 4]) }.joined(separator: "-")
    }

    static func hash(_ code: String, account: String) -> SQLValue { .blob(Digest.sha256("hairpin recovery code\n\(account)\n\(code)")) }
}

extension TOTP {
    /// The place that the encrypted secret of an account is bound to.
    static func place(_ account: String) -> String { "totp/\(account)/secret" }
}
