// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Words

/// A passkey of an account (WebAuthn level 2). Contains no secrets: the private key never leaves the authenticator.
public struct Passkey: Hashable, Sendable, Identifiable {
    /// Identifies the passkey in lists and for removal.
    public let id: String
    /// The account that owns the passkey.
    public let accountID: String
    /// The credential id that the authenticator chose.
    public let credentialID: [UInt8]
    /// The host name that the passkey is for.
    public let relyingParty: String
    /// The public key that verifies its signatures.
    public let key: SignatureKey
    /// The authenticator's signature counter at the last use; 0 if it has none.
    public let counter: UInt32
    /// The owner's name for the passkey, 1–64 characters.
    public let name: String
    /// The time at which it was added.
    public let createdAt: UnixTime
    /// The time of the last use.
    public let usedAt: UnixTime?
}

extension ReadTransaction {
    /// The passkeys of an account, oldest first.
    public func passkeys(ofAccount id: String) throws -> [Passkey] {
        try connection.all("\(selectPasskey) WHERE account_id = ? ORDER BY created_at, id", [.text(id)]) { try $0.passkey() }
    }

    /// The passkey with this credential id; nil if there is none.
    public func passkey(credentialID: [UInt8]) throws -> Passkey? {
        try connection.first("\(selectPasskey) WHERE credential_id = ?", [.blob(credentialID)]) { try $0.passkey() }
    }
}

extension WriteTransaction {
    /// Adds a verified passkey. Throws `.invalid` for an invalid name or a credential that already exists, and `.notFound` if the account
    /// does not exist.
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

    /// Records a use and the authenticator's new counter.
    public func noteUse(ofPasskey id: String, counter: UInt32, at now: UnixTime) throws {
        try connection.execute(
            "UPDATE passkeys SET counter = ?, used_at = ? WHERE id = ?", [.integer(Int64(counter)), .time(now), .text(id)])
    }

    /// Renames a passkey. Throws `.notFound` if the account has no such passkey, and `.invalid` for an invalid name.
    public func renamePasskey(_ id: String, ofAccount accountID: String, to name: String, by author: Author, at now: UnixTime) throws {
        let (account, passkey) = try (account(accountID), passkey(id, ofAccount: accountID))
        if let message = TextRules.nameProblem(name) { throw StoreError.invalid([FieldError("name", message)]) }
        guard passkey.name != name else { return }
        try connection.execute("UPDATE passkeys SET name = ? WHERE id = ?", [.text(name), .text(id)])
        try record("passkey.rename", target: account.auditTarget, before: ["passkey": passkey.name], after: ["passkey": name], by: author, at: now)
    }

    /// Removes a passkey. Throws `.notFound` if the account has no such passkey.
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
