// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Synchronization

/// The keys that this process has loaded. Another process may rotate the key at any time. If a value cannot be decrypted, the file is read
/// again. Before a value is encrypted, the current key is looked up in the database.
/// Thread rule: any thread.
final class SecretKeys: Sendable {
    let file: SecretKeyFile
    private let boxes: Mutex<[String: SecretBox]>

    /// Loads the keys of the data folder. Creates a key if there are neither keys nor encrypted values. Throws `.secretKey` if the file is
    /// missing but the database contains encrypted values, or if the file does not contain their key.
    init(_ file: SecretKeyFile, for connection: Connection) throws {
        self.file = file
        let current =
            try connection.transaction("BEGIN") { try Self.settled(file, connection) }
            // The database's write lock prevents two first starts from both creating a key, and prevents reading in the middle of a
            // rotation.
            ?? connection.transaction("BEGIN IMMEDIATE") { try Self.settle(file, connection) }
        boxes = Mutex([current.keyID: current])
    }

    /// The current key, if file and database agree. Needs no write, so that a hub can start on a full or read-only disk. Otherwise nil.
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
        // An interrupted rotation leaves an unused key.
        if found.count > 1, !file.isCredential { try file.write([current]) }
        return current
    }

    private static func anySealed(_ connection: Connection) throws -> (place: String, value: [UInt8])? {
        try SealedColumn.all.lazy.compactMap { try $0.any(in: connection) }.first
    }

    /// Encrypts a value for its place with the current key. Call it in a write transaction, so that no rotation can intervene.
    func seal(_ secret: [UInt8], for place: String, _ connection: Connection) throws -> [UInt8] {
        try current(connection).seal(secret, for: place)
    }

    /// The current key.
    func current(_ connection: Connection) throws -> SecretBox {
        guard let id = try connection.first("SELECT key_id FROM secret_key", [], { try $0.text() }) else {
            throw StoreError.schema("The database does not say which key seals its secrets. Restore it from a backup.")
        }
        if let box = boxes.withLock({ $0[id] }) { return box }
        try reload()
        guard let box = boxes.withLock({ $0[id] }) else { throw Self.missing(id, "The database", file) }
        return box
    }

    /// Decrypts a stored value. `place` is table/row/column. Throws `.secretKey` with a sentence for people.
    func openStored(_ sealed: [UInt8], _ place: String) throws -> [UInt8] {
        let id = SecretBox.keyID(of: sealed)
        if let box = id.flatMap({ id in boxes.withLock { $0[id] } }) { return try box.openStored(sealed, place) }
        if id != nil { try reload() }
        guard let box = boxes.withLock({ boxes in id.flatMap { boxes[$0] } ?? boxes.values.first }) else { throw Self.missing("?", place, file) }
        return try box.openStored(sealed, place)
    }

    /// Adds a key.
    func add(_ box: SecretBox) { boxes.withLock { $0[box.keyID] = box } }

    /// Reads the file and keeps the earlier keys, because an older transaction may still see values encrypted with them.
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
        return .secretKey("\(what) was sealed with key \(id), but \(file.path) holds \(held). Put the right file back.")
    }
}

extension SecretBox {
    /// Decrypts a stored value. `place` is table/row/column. Throws `.secretKey` with a sentence for people.
    func openStored(_ sealed: [UInt8], _ place: String) throws -> [UInt8] {
        do {
            return try open(sealed, for: place)
        } catch .otherKey(let id) {
            throw StoreError.secretKey("\(place) was sealed with key \(id), but \(SecretKeyFile.name) holds key \(keyID). Put the right file back.")
        } catch .damaged {
            throw StoreError.secretKey("\(place) is damaged or was moved from another row. Restore it from a backup.")
        }
    }
}
