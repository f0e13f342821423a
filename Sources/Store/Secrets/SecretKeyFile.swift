// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux

/// Where the keys that seal secrets are kept, so that the database and its backups alone open nothing: a file of the data folder, or a
/// credential that systemd hands over (systemd.exec(5), LoadCredential).
///
/// It holds one key of 32 bytes. While a rotation is under way it holds two; the database says which one counts.
struct SecretKeyFile: Sendable {
    static let name = "secret.key"
    private static let maximumKeyCount = 2

    let path: String
    /// True where systemd keeps the key: then it cannot be made or changed here.
    let isCredential: Bool

    /// `credentials` is systemd's `$CREDENTIALS_DIRECTORY`.
    init(folder: String, credentials: String? = ProcessEnvironment.value("CREDENTIALS_DIRECTORY")) {
        let credential = credentials.map { "\($0)/\(Self.name)" }
        isCredential = credential.map(Files.exists) ?? false
        path = isCredential ? credential! : "\(folder)/\(Self.name)"
    }

    var exists: Bool { Files.exists(path) }

    /// Throws `.secretKey` when the file has the wrong size, `.file` when it cannot be read or others may read it.
    func read() throws -> [SecretBox] {
        // systemd's own file belongs to root and has an access list for the service.
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

    /// Throws `.secretKey` where systemd keeps the key.
    func write(_ boxes: [SecretBox]) throws {
        guard !isCredential else {
            throw StoreError.secretKey(
                "The key comes from systemd (\(path)) and cannot be changed here. Put a file \(Self.name) into the data folder, take the credential out of the unit, and rotate then."
            )
        }
        var bytes = boxes.flatMap { $0.revealKey() }
        defer { wipe(&bytes) }
        try StoreError.files { () throws(FileError) in try Files.writeAtomically(bytes, to: path) }
    }
}
