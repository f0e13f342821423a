// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

extension Database {
    /// Makes a new key and seals everything anew under it, beside a running hub as well as without one. Returns the ids of both.
    ///
    /// First the key file holds both keys, then one transaction seals all rows and says that the new key counts, then the file holds the new
    /// one alone. Killed in between, everything opens: the next opening takes the key away that seals nothing.
    ///
    /// Throws `.secretKey` where systemd keeps the key, `.file` when the file cannot be written; nothing was changed then.
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
        // What the write-ahead log still holds under the old key goes as well.
        try checkpoint()
        return (old.keyID, fresh.keyID)
    }
}
