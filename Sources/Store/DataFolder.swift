// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The folder that holds database and keys: mode 0700, files 0600. Anything looser is refused rather than mended, because somebody else
/// may have read or changed it already.
struct DataFolder {
    let path: String

    /// Makes the folder where it is missing. Throws `.file` when it cannot, or when others may enter.
    init(_ path: String) throws {
        try Files.createFolder(path)
        guard let status = try Files.status(path), status.isFolder else { throw StoreError.file("\(path) is not a folder.") }
        guard status.mode & 0o077 == 0 else {
            throw StoreError.file("Others may enter \(path). Check who did, then run: chmod 700 \(path)")
        }
        self.path = path
    }

    /// The path of a file, made empty where it is missing. Throws `.file` when others may open it.
    func prepareFile(_ name: String) throws -> String {
        let file = "\(path)/\(name)"
        if try Files.create(file) { try Files.sync(path) }
        try requirePrivate(file)
        return file
    }

    /// Throws `.file` when others than the owner may open the file.
    func requirePrivate(_ file: String) throws {
        guard let status = try Files.status(file), status.mode & 0o077 != 0 else { return }
        throw StoreError.file("Others may open \(file). Check who did, then run: chmod 600 \(file)")
    }
}
