// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Words

/// A passkey of an account (WebAuthn level 2). Holds no secret: the private half never leaves the authenticator.
public struct Passkey: Hashable, Sendable, Identifiable {
    /// Names it in lists and for removing it.
    public let id: String
    /// Whose it is.
    public let accountID: String
    /// What the authenticator calls it.
    public let credentialID: [UInt8]
    /// The host name that it works for.
    public let relyingParty: String
    /// What its signatures are checked with.
    public let key: SignatureKey
    /// The authenticator's count of signatures at the last use; 0 where it keeps none.
    public let counter: UInt32
    /// What its owner calls it, 1–64 characters.
    public let name: String
    /// When it was added.
    public let createdAt: UnixTime
    /// Its last use.
    public let usedAt: UnixTime?
}

extension ReadTransaction {
    /// The passkeys of an account, the oldest first.
    public func passkeys(ofAccount id: String) throws -> [Passkey] {
        try connection.all("\(selectPasskey) WHERE account_id = ? ORDER BY created_at, id", [.text(id)]) { try $0.passkey() }
    }

    /// The passkey that the authenticator calls so; nil when there is none.
    public func passkey(credentialID: [UInt8]) throws -> Passkey? {
        try connection.first("\(selectPasskey) WHERE credential_id = ?", [.blob(credentialID)]) { try $0.passkey() }
    }
}

extension WriteTransaction {
    /// Adds a passkey that proved itself. Throws `.invalid` for a bad name or a credential that is known already, `.notFound` without the
    /// account.
    public func addPasskey(
        ofAccount id: String, credentialID: [UInt8], relyingParty: String, key: SignatureKey, counter: UInt32, name: String, by author: Author,
        at now: UnixTime
    ) throws {
        let account = try account(id)
        if let message = TextRules.nameProblem(name) { throw StoreError.invalid([FieldError("name", message)]) }
        guard try passkey(credentialID: credentialID) == nil else {
            throw StoreError.invalid([FieldError("passkey", "This passkey is added already. Use another authenticator.")])
        }
        try connection.execute(
            """
            INSERT INTO passkeys (id, account_id, credential_id, relying_party, algorithm, public_key, counter, name, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(Identifier.random()), .text(id), .blob(credentialID), .text(relyingParty), .integer(key.algorithm.rawValue), .blob(key.bytes),
                .integer(Int64(counter)), .text(name), .time(now),
            ])
        try record("passkey.add", target: account.auditTarget, after: ["passkey": name], by: author, at: now)
    }

    /// Notes a use with the authenticator's new count.
    public func noteUse(ofPasskey id: String, counter: UInt32, at now: UnixTime) throws {
        try connection.execute(
            "UPDATE passkeys SET counter = ?, used_at = ? WHERE id = ?", [.integer(Int64(counter)), .time(now), .text(id)])
    }

    /// Calls a passkey something else. Throws `.notFound` when the account has no such passkey, `.invalid` for a bad name.
    public func renamePasskey(_ id: String, ofAccount accountID: String, to name: String, by author: Author, at now: UnixTime) throws {
        let (account, passkey) = try (account(accountID), passkey(id, ofAccount: accountID))
        if let message = TextRules.nameProblem(name) { throw StoreError.invalid([FieldError("name", message)]) }
        guard passkey.name != name else { return }
        try connection.execute("UPDATE passkeys SET name = ? WHERE id = ?", [.text(name), .text(id)])
        try record("passkey.rename", target: account.auditTarget, before: ["passkey": passkey.name], after: ["passkey": name], by: author, at: now)
    }

    /// Throws `.notFound` when the account has no such passkey.
    public func removePasskey(_ id: String, ofAccount accountID: String, by author: Author, at now: UnixTime) throws {
        let (account, passkey) = try (account(accountID), passkey(id, ofAccount: accountID))
        try connection.execute("DELETE FROM passkeys WHERE id = ?", [.text(id)])
        try record("passkey.remove", target: account.auditTarget, before: ["passkey": passkey.name], by: author, at: now)
        try removeUselessRecoveryCodes(ofAccount: accountID)
    }

    private func passkey(_ id: String, ofAccount accountID: String) throws -> Passkey {
        guard let passkey = try passkeys(ofAccount: accountID).first(where: { $0.id == id }) else {
            throw StoreError.notFound(kind: "passkey", id: id)
        }
        return passkey
    }
}

private let selectPasskey = """
    SELECT id, account_id, credential_id, relying_party, algorithm, public_key, counter, name, created_at, used_at FROM passkeys
    """

extension Row {
    fileprivate mutating func passkey() throws -> Passkey {
        try Passkey(
            id: text(), accountID: text(), credentialID: blob(), relyingParty: text(), key: signatureKey(),
            counter: UInt32(truncatingIfNeeded: integer()),
            name: text(), createdAt: time(), usedAt: optional { try $0.time() })
    }

    private mutating func signatureKey() throws -> SignatureKey {
        let (algorithm, bytes) = (try integer(), try blob())
        guard let key = SignatureKey.Algorithm(rawValue: algorithm).flatMap({ SignatureKey($0, bytes) }) else {
            throw StoreError.schema("A passkey in the database has a key that this program cannot read. Remove the passkey.")
        }
        return key
    }
}
