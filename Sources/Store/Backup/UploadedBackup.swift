// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Net
import Words

/// A backup that somebody uploaded, opened and checked. Its file stays in the data folder until nothing holds this object any more.
public final class UploadedBackup: Sendable {
    /// What restoring it would change.
    public let report: BackupReport
    fileprivate let path: String

    fileprivate init(path: String, report: BackupReport) {
        self.path = path
        self.report = report
    }

    deinit { try? Files.remove(path) }

    /// How the names of the files begin.
    fileprivate static let prefix = "upload-"

    /// A path for a new upload.
    fileprivate static func path(in folder: String) -> String { "\(folder)/\(prefix)\(Identifier.random()).db" }

    /// Removes the files of a killed process.
    static func removeAll(in folder: String) {
        for name in (try? Files.list(folder)) ?? [] where name.hasPrefix(prefix) && name.hasSuffix(".db") && !name.contains("/") {
            try? Files.remove("\(folder)/\(name)")
        }
    }
}

extension Database {
    /// Stores an uploaded backup in the data folder and checks it like a restore. Nothing is restored. Throws what `restore` throws, except for
    /// `.otherHub`; the errors call the backup “the file”.
    public func take(_ upload: ArraySlice<UInt8>, passphrase: String, at now: UnixTime) throws -> UploadedBackup {
        let path = UploadedBackup.path(in: folder)
        do {
            return try callingItTheFile {
                try store(upload, at: path, passphrase: passphrase)
                let report = try withChecked(path, at: now) { _, backup in try read { try BackupReport(of: backup, on: $0) } }
                return UploadedBackup(path: path, report: report)
            }
        } catch {
            try? Files.remove(path)
            throw error
        }
    }

    /// Restores an uploaded backup: see `restore(from:passphrase:replacingOtherHub:by:at:permit:)`.
    public func restore(
        _ upload: UploadedBackup, replacingOtherHub: Bool, by author: Author, at now: UnixTime, permit: (ReadTransaction) throws -> Void = { _ in }
    ) throws -> String {
        try callingItTheFile {
            try restore(from: upload.path, replacingOtherHub: replacingOtherHub, by: author, at: now, permit: permit)
        }
    }

    /// Writes the plain backup.
    private func store(_ upload: ArraySlice<UInt8>, at path: String, passphrase: String) throws {
        let sealed = UploadedBackup.path(in: folder)
        defer { try? Files.remove(sealed) }
        do { try Files.create(sealed) { write in try write(Array(upload)) } } catch let error as FileError {
            throw StoreError.file(error.description)
        }
        guard try SealedBackup.isOne(sealed) else { return try StoreError.files { () throws(FileError) in try Files.move(sealed, to: path) } }
        guard !passphrase.isEmpty else { throw StoreError.backup("\(path) is sealed. Give its passphrase.") }
        try SealedBackup.open(sealed, to: path, passphrase: passphrase)
    }

    /// Errors name files by their paths, which are of no use to somebody who sent the file.
    private func callingItTheFile<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch StoreError.backup(let phrase) {
            let arguments = phrase.arguments.map { argument -> Phrase.Argument in
                guard case .text(let text) = argument, text.hasPrefix("\(folder)/\(UploadedBackup.prefix)") else { return argument }
                return .phrase("The file")
            }
            throw StoreError.backup(Phrase(text: phrase.text, arguments: arguments, count: phrase.count))
        } catch StoreError.schema {
            throw StoreError.backup("The file cannot be used: a newer program made it, or its structure is not that of a hub. Use another backup.")
        } catch StoreError.secretKey {
            throw StoreError.backup(
                "The secrets in the file can be opened neither with its own key nor with the key of this hub. Use another backup.")
        }
    }
}
