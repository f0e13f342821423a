// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux

/// The storage of the keys that encrypt secrets: a file in the data folder, or a credential provided by systemd (systemd.exec(5),
/// LoadCredential). The keys are not in the database, so that the secrets in a copy of the database file cannot be decrypted.
///
/// The file contains one key of 32 bytes. During a rotation it contains two, and the database stores which one is current.
struct SecretKeyFile: Sendable {
    static let name = "secret.key"
    private static let maximumKeyCount = 2

    let path: String
    /// True if systemd provides the key, which then cannot be created or changed here.
    let isCredential: Bool

    /// `credentials` is systemd's `$CREDENTIALS_DIRECTORY`.
    init(folder: String, credentials: String? = ProcessEnvironment.value("CREDENTIALS_DIRECTORY")) {
        let credential = credentials.map { "\($0)/\(Self.name)" }
        isCredential = credential.map(Files.exists) ?? false
        path = isCredential ? credential! : "\(folder)/\(Self.name)"
    }

    var exists: Bool { Files.exists(path) }

    /// Reads the keys. Throws `.secretKey` if the file has the wrong size, and `.file` if it cannot be read or other users can read it.
    func read() throws -> [SecretBox] {
        // systemd's file belongs to root and has an access list for the service.
        var bytes = try StoreError.files { () throws(FileError) in
            isCredential ? try Files.read(path, limit: 4096) : try Files.readPrivate(path, limit: 4096)
        }
        defer { wipe(&bytes) }
        let size = SecretBox.keyByteCount
        guard bytes.count % size == 0, (1...Self.maximumKeyCount).contains(bytes.count / size) else {
            throw StoreError.secretKey("\(path) has \(bytes.count) bytes instead of \(size). Put the right file back.")
        }
        return stride(from: 0, to: bytes.count, by: size).compactMap { SecretBox(key: Array(bytes[$0..<$0 + size])) }
    }

    /// Writes the keys. Throws `.secretKey` if systemd provides the key.
    func write(_ boxes: [SecretBox]) throws {
        guard !isCredential else {
            throw StoreError.secretKey(
                "The key comes from systemd (\(path)) and cannot be changed here. Put a file \(Self.name) into the data folder, remove the credential from the unit, and then rotate."
            )
        }
        var bytes = boxes.flatMap { $0.revealKey() }
        defer { wipe(&bytes) }
        try StoreError.files { () throws(FileError) in try Files.writeAtomically(bytes, to: path) }
    }
}
