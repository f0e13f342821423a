// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux

/// The key that seals secrets in the database: 32 bytes in a file of its own, so that the database and its backups alone open nothing.
enum SecretKeyFile {
    static let name = "secret.key"

    /// The key of the data folder, made where neither it nor anything sealed exists. Throws `.secretKey` when the file is missing while
    /// the database holds sealed values, when it has the wrong size, or when it is another key than the one that sealed them.
    static func load(in folder: String, for connection: Connection) throws -> SecretBox {
        let path = "\(folder)/\(name)"
        // The database's write lock keeps two first starts from making a key each.
        return try connection.transaction("BEGIN IMMEDIATE") {
            let sealed = try anySealed(connection)
            if !Files.exists(path) {
                guard sealed == nil else {
                    throw StoreError.secretKey("\(path) is missing, and the keys in the database cannot be opened without it. Put it back.")
                }
                try StoreError.files { () throws(FileError) in try Files.writeAtomically(SecretBox.generateKey(), to: path) }
            }
            let bytes = try StoreError.files { () throws(FileError) in try Files.readPrivate(path) }
            guard let box = SecretBox(key: bytes) else {
                throw StoreError.secretKey("\(path) has \(bytes.count) bytes instead of \(SecretBox.keyByteCount). Put the right file back.")
            }
            if let sealed { _ = try box.openStored(sealed.value, sealed.place) }
            return box
        }
    }

    /// Throws `.secretKey` unless `box` opens what the database behind `connection` holds.
    static func check(_ box: SecretBox, opens connection: Connection) throws {
        if let sealed = try anySealed(connection) { _ = try box.openStored(sealed.value, sealed.place) }
    }

    /// One sealed value and the place it was sealed for.
    private static func anySealed(_ connection: Connection) throws -> (place: String, value: [UInt8])? {
        try connection.first(
            """
            SELECT 'hub/1/private_key', private_key FROM hub
            UNION ALL SELECT 'devices/' || id || '/private_key', private_key FROM devices WHERE private_key IS NOT NULL
            UNION ALL SELECT 'devices/' || id || '/preshared_key', preshared_key FROM devices WHERE preshared_key IS NOT NULL
            LIMIT 1
            """
        ) { try ($0.text(), $0.blob()) }
    }
}

extension SecretBox {
    /// Opens a stored value; `place` is table/row/column. Throws `.secretKey` with a sentence for people.
    func openStored(_ sealed: [UInt8], _ place: String) throws -> [UInt8] {
        do {
            return try open(sealed, for: place)
        } catch .otherKey(let id) {
            throw StoreError.secretKey("\(place) was sealed with key \(id), \(SecretKeyFile.name) holds key \(keyID). Put the right file back.")
        } catch .damaged {
            throw StoreError.secretKey("\(place) is damaged or was moved from another row. Restore it from a backup.")
        }
    }
}
