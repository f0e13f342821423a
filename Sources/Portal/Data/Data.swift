// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Linux
import Logging
import Net
import Store
import Templates
import Words

/// The forms that download and restore backups, and import and export devices. Also makes the backups.
struct DataPage: TemplateModel {
    static let path = "/settings/data"
    static let template = Template<DataPage>("data")

    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.admin, confirmed: true) { try draw($0, Inputs([:])) }),
        Route(.post, "\(path)/backup", Handler(.admin, confirmed: true, fields: ["passphrase", "repeated"], backUp)),
    ]

    static var fields: [TemplateField<DataPage>] {
        [
            .number("backup_limit") { _ in Uploads.backupByteCount }, .number("import_limit") { _ in Uploads.importByteCount },
            .phrase("backup_size") { _ in Amount.bytes(UInt64(Uploads.backupByteCount)) },
            .phrase("import_size") { _ in Amount.bytes(UInt64(Uploads.importByteCount)) },
            .phrase("devices") { .counting($0.deviceCount, "\(Amount.count($0.deviceCount)) device | \(Amount.count($0.deviceCount)) devices") },
            .flag("any_devices") { $0.deviceCount > 0 },
        ] + TemplateField.form("backup", "peers", "text", secret: ["passphrase", "repeated", "backup_passphrase"], of: \.inputs)
    }

    private let inputs: Inputs
    private let deviceCount: Int

    static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let count = try visit.overview().devices.count
        return try visit.page(template, DataPage(inputs: inputs, deviceCount: count), status: status, notice: visit.notice)
    }

    /// The page with an error beside one of its fields.
    static func refuse(_ visit: Visit, _ field: String, _ message: Phrase) throws -> Response {
        var inputs = visit.inputs
        inputs.refuse(field, message)
        return try draw(visit, inputs, status: .unprocessableContent)
    }

    /// A sealed backup of the database and its key, as a download.
    private static func backUp(_ visit: Visit) throws -> Response {
        let passphrase = visit.inputs.exact("passphrase")
        if let problem = PasswordRules.problem(passphrase, context: [], as: .passphrase) { return try refuse(visit, "passphrase", problem) }
        guard visit.inputs.exact("repeated") == passphrase else {
            return try refuse(visit, "repeated", "The two passphrases differ. Type the same one twice.")
        }
        guard visit.held.isEmpty else { return try draw(visit, visit.inputs) }
        let pass = try visit.site.exportGate.enter(visit.author.name)
        let standing = try visit.standing()
        let file: UnnamedFile
        do { file = try visit.site.database.sealedBackup(passphrase: passphrase) } catch {
            return try refuse(visit, "passphrase", visit.words(forFailureOf: error))
        }
        try visit.write { try $0.record("database.backup", target: "database", after: ["sealed": "true"], by: visit.author, at: visit.now) }
        let fields: Fields = [
            "Content-Type": "application/octet-stream", "Cache-Control": "no-store",
            "Content-Disposition": ContentDisposition.attachment("hairpin-\(visit.now.iso.prefix(10)).backup"),
        ]
        let database = visit.site.database
        let next = { @Sendable () throws -> [UInt8]? in
            try database.read { try standing.require(in: $0) }
            let piece = try file.next(pieceByteCount)
            return piece.isEmpty ? nil : piece
        }
        return Response(.ok, fields: fields, body: .stream(.export(pass, first: try next(), next)))
    }

    private static let pieceByteCount = 64 << 10
}

extension Visit {
    /// What to say about a backup that cannot be made or restored. Rethrows other errors.
    func words(forFailureOf error: any Error) throws -> Phrase {
        switch error {
        case StoreError.backup(let phrase): return phrase
        case StoreError.file(let text):
            site.log.error("a backup failed", metadata: ["error": "\(text)"])
            return "The hub cannot write to its data folder, or has too little room there. Its log has the reason."
        default: throw error
        }
    }
}
