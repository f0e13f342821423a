// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// The key that seals secrets in the database: 32 bytes in a file of its own, so that the database and its backups alone open nothing.
enum SecretKeyFile {
    static let name = "secret.key"

    /// The key of the data folder, made where neither it nor anything sealed exists. Throws `.secretKey` when the file is missing while
    /// the database holds sealed values, when it has the wrong size, or when it is another key than the one that sealed them.
    static func load(in folder: DataFolder, for connection: Connection) throws -> SecretBox {
        let path = "\(folder.path)/\(name)"
        let sealed = try connection.first(
            """
            SELECT 'hub/1', private_key FROM hub
            UNION ALL SELECT 'devices/' || id, private_key FROM devices WHERE private_key IS NOT NULL
            LIMIT 1
            """
        ) { try (row: $0.text(), value: $0.blob()) }
        if try Files.status(path) == nil {
            guard sealed == nil else {
                throw StoreError.secretKey("\(path) is missing, and the keys in the database cannot be opened without it. Put it back.")
            }
            try create(path, in: folder)
        }
        try folder.requirePrivate(path)
        let bytes = try Files.contents(of: path)
        guard let box = SecretBox(key: bytes) else {
            throw StoreError.secretKey("\(path) has \(bytes.count) bytes instead of \(SecretBox.keyByteCount). Put the right file back.")
        }
        if let sealed { _ = try box.openStored(sealed.value, "\(sealed.row)/private_key") }
        return box
    }

    private static func create(_ path: String, in folder: DataFolder) throws {
        // Written under another name first: a crash leaves no short key, and of two processes one wins.
        let temporary = "\(path).\(Identifier.random())"
        _ = try Files.create(temporary, SecretBox.generateKey())
        defer { Files.remove(temporary) }
        _ = try Files.publish(temporary, as: path)
        try Files.sync(folder.path)
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
