// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The password and the second factors of an account at one moment. Checking them takes time, so the transaction that then starts the session
/// requires that none of them has changed.
public struct Credentials: Hashable, Sendable {
    /// The account.
    public let account: Account
    /// The Argon2id hash of the password, as a PHC string.
    public let passwordHash: String
    /// Names this account with this password and these second factors: 64 hexadecimal digits of a hash. It changes with each of them.
    public let epoch: String
}

extension ReadTransaction {
    /// The current credentials of an account. Throws `.notFound` if the account does not exist.
    public func credentials(ofAccount id: String) throws -> Credentials {
        let (account, hash) = (try account(id), try passwordHash(ofAccount: id))
        let factors = try connection.all(
            """
            SELECT 'app ' || created_at FROM totp WHERE account_id = ?
            UNION ALL SELECT 'passkey ' || id FROM passkeys WHERE account_id = ? ORDER BY 1
            """, [.text(id), .text(id)]
        ) { try $0.text() }
        let epoch = Digest.sha256((["hairpin credentials", id, hash] + factors).joined(separator: "\n"))
        return Credentials(account: account, passwordHash: hash, epoch: Hex.encode(epoch))
    }
}

extension WriteTransaction {
    /// Returns the account as it is now. Throws `.outdatedSignIn` if it was removed or disabled, or if a password or second factor has changed
    /// since `credentials` were read.
    @discardableResult
    func requireCurrent(_ credentials: Credentials) throws -> Account {
        do {
            let current = try self.credentials(ofAccount: credentials.account.id)
            guard current.epoch == credentials.epoch, !current.account.isDisabled else { throw StoreError.outdatedSignIn }
            return current.account
        } catch StoreError.notFound { throw StoreError.outdatedSignIn }
    }
}
