// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Synchronization

/// The keys that this process knows. Another process may rotate the key at any time: what does not open makes this one look at the file
/// again, and before anything is sealed the database is asked which key counts.
/// Thread rule: any thread.
final class SecretKeys: Sendable {
    let file: SecretKeyFile
    private let boxes: Mutex<[String: SecretBox]>

    /// The keys of the data folder, made where neither they nor anything sealed exists. Throws `.secretKey` when the file is missing while
    /// the database holds sealed values, or when it does not hold the key that sealed them.
    init(_ file: SecretKeyFile, for connection: Connection) throws {
        self.file = file
        let current =
            try connection.transaction("BEGIN") { try Self.settled(file, connection) }
            // The database's write lock keeps two first starts from making a key each, and a rotation from being looked at half way.
            ?? connection.transaction("BEGIN IMMEDIATE") { try Self.settle(file, connection) }
        boxes = Mutex([current.keyID: current])
    }

    /// The key where file and database agree, which needs no write: a hub starts on a full or read-only disk, too. Nil otherwise.
    private static func settled(_ file: SecretKeyFile, _ connection: Connection) throws -> SecretBox? {
        guard file.exists else { return nil }
        let found = try file.read()
        guard found.count == 1, try connection.exists("SELECT 1 FROM secret_key WHERE key_id = ?", [.text(found[0].keyID)]) else { return nil }
        let box = found[0]
        if let sealed = try anySealed(connection) { _ = try box.openStored(sealed.value, sealed.place) }
        return box
    }

    private static func settle(_ file: SecretKeyFile, _ connection: Connection) throws -> SecretBox {
        let sealed = try anySealed(connection)
        if !file.exists {
            guard sealed == nil else {
                throw StoreError.secretKey("\(file.path) is missing, and the keys in the database cannot be opened without it. Put it back.")
            }
            try file.write([SecretBox(key: SecretBox.generateKey())!])
            try connection.execute("DELETE FROM secret_key")
        }
        let found = try file.read()
        let current = try Self.current(of: found, connection, file)
        if let sealed { _ = try current.openStored(sealed.value, sealed.place) }
        try connection.execute("INSERT OR REPLACE INTO secret_key (one, key_id) VALUES (1, ?)", [.text(current.keyID)])
        // A rotation that was killed leaves a key that seals nothing.
        if found.count > 1, !file.isCredential { try file.write([current]) }
        return current
    }

    private static func anySealed(_ connection: Connection) throws -> (place: String, value: [UInt8])? {
        try SealedColumn.all.lazy.compactMap { try $0.any(in: connection) }.first
    }

    /// Seals for a place with the key that counts. To be called in a transaction that may write, where no rotation can come between.
    func seal(_ secret: [UInt8], for place: String, _ connection: Connection) throws -> [UInt8] {
        try current(connection).seal(secret, for: place)
    }

    /// The key that counts.
    func current(_ connection: Connection) throws -> SecretBox {
        guard let id = try connection.first("SELECT key_id FROM secret_key", [], { try $0.text() }) else {
            throw StoreError.schema("The database does not say which key seals its secrets. Restore it from a backup.")
        }
        if let box = boxes.withLock({ $0[id] }) { return box }
        try reload()
        guard let box = boxes.withLock({ $0[id] }) else { throw Self.missing(id, "The database", file) }
        return box
    }

    /// Opens a stored value; `place` is table/row/column. Throws `.secretKey` with a sentence for people.
    func openStored(_ sealed: [UInt8], _ place: String) throws -> [UInt8] {
        let id = SecretBox.keyID(of: sealed)
        if let box = id.flatMap({ id in boxes.withLock { $0[id] } }) { return try box.openStored(sealed, place) }
        if id != nil { try reload() }
        guard let box = boxes.withLock({ boxes in id.flatMap { boxes[$0] } ?? boxes.values.first }) else { throw Self.missing("?", place, file) }
        return try box.openStored(sealed, place)
    }

    /// Knows one key more.
    func add(_ box: SecretBox) { boxes.withLock { $0[box.keyID] = box } }

    /// Those known before stay known: a transaction that began earlier may still see what they sealed.
    private func reload() throws {
        let found = try file.read()
        boxes.withLock { boxes in for box in found { boxes[box.keyID] = box } }
    }

    private static func current(of found: [SecretBox], _ connection: Connection, _ file: SecretKeyFile) throws -> SecretBox {
        guard let id = try connection.first("SELECT key_id FROM secret_key", [], { try $0.text() }) else { return found[0] }
        guard let box = found.first(where: { $0.keyID == id }) else { throw missing(id, "The database", file, holding: found) }
        return box
    }

    private static func missing(_ id: String, _ what: String, _ file: SecretKeyFile, holding found: [SecretBox] = []) -> StoreError {
        let held = found.isEmpty ? "another one" : "key \(found.map(\.keyID).joined(separator: " and "))"
        return .secretKey("\(what) was sealed with key \(id), \(file.path) holds \(held). Put the right file back.")
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
