// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

extension Database {
    /// Creates a new key and encrypts all secrets with it, with or without a running hub. Returns the ids of the old and the new key.
    ///
    /// First, the key file gets both keys. Then one transaction encrypts all rows and makes the new key current. Finally, the file keeps
    /// only the new key. If the process is killed at any point, all secrets can still be decrypted, and the next start removes the unused
    /// key.
    ///
    /// Throws `.secretKey` if systemd provides the key, and `.file` if the file cannot be written. Nothing has changed in either case.
    public func rotateSecretKey(by author: Author, at now: UnixTime) throws -> (old: String, new: String) {
        let fresh = SecretBox(key: SecretBox.generateKey())!
        let old = try write { transaction in
            let old = try secrets.current(transaction.connection)
            try secrets.file.write([fresh, old])
            secrets.add(fresh)
            for column in SealedColumn.all {
                try column.reseal(in: transaction.connection, opening: secrets.openStored, sealing: fresh)
            }
            try transaction.connection.execute("UPDATE secret_key SET key_id = ?", [.text(fresh.keyID)])
            try transaction.record("key.rotate", target: "hub", before: ["key": old.keyID], after: ["key": fresh.keyID], by: author, at: now)
            return old
        }
        try secrets.file.write([fresh])
        // Also removes values encrypted with the old key from the write-ahead log.
        try checkpoint()
        return (old.keyID, fresh.keyID)
    }
}
