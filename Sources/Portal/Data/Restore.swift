// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Says what restoring an uploaded backup would do, and restores it. The database is replaced in one commit, as by `hairpin restore`.
struct RestorePage: TemplateModel {
    static let template = Template<RestorePage>("data_restore")

    static let routes: [Route<Handler>] = [
        Route(.post, "\(DataPage.path)/restore", Handler(.admin, confirmed: true, fields: ["backup_passphrase"], uploads: ["backup"], check)),
        Route(.post, "\(DataPage.path)/restore/confirm", Handler(.admin, confirmed: true, fields: ["replace"], restore)),
    ]

    static var fields: [TemplateField<RestorePage>] {
        [
            .phrase("made") { page in
                page.report.madeAt.map { "Its newest entry is of \($0.phrase) UTC, \($0.relative(to: page.visit.now))." } ?? ""
            },
            .text("hub") { $0.report.backup?.name ?? "" },
            .phrase("devices") { page in
                let count = page.report.backup?.deviceCount ?? 0
                return .counting(count, "\(Amount.count(count)) device | \(Amount.count(count)) devices")
            },
            .text("key") { $0.report.backup?.publicKey.base64 ?? "" }, .flag("other") { !$0.report.isSameHub },
            .text("here") { $0.report.here.name }, .list("lines") { $0.lines },
        ]
    }

    private let report: BackupReport
    private let visit: Visit

    /// The most names on a line.
    private static let maximumNames = 12

    private var lines: [Effect.SectionLine] {
        var lines = [identity]
        lines += Self.named(.gain, report.devices.added) { "Devices that come back: \($0)" }
        lines += Self.named(.loss, report.devices.removed) { "Devices that are removed: \($0)" }
        lines += Self.named(.change, report.devices.changed) { "Devices that get earlier settings: \($0)" }
        lines += Self.named(.gain, report.accounts.added) { "Accounts that come back: \($0)" }
        lines += Self.named(.loss, report.accounts.removed) { "Accounts that are removed: \($0)" }
        lines += Self.named(.change, report.accounts.changed) { "Accounts that get an earlier role or state: \($0)" }
        if report.changesSettings { lines.append(line(.change, "The defaults, the name of the hub or its networks go back to earlier values.")) }
        if lines.count == 1 { lines.append(line(.plain, "Devices, accounts and settings are as they are now.")) }
        lines.append(
            line(.loss, "Everybody is signed out, and one-time links end. Passwords, second factors and API tokens are those of the backup."))
        if let email = visit.session?.account.email, !report.admins.contains(email) {
            lines.append(
                line(
                    .warning,
                    report.admins.isEmpty
                        ? "The backup has no admin. Afterwards, make one on the hub with: hairpin admin create"
                        : "Your account is not an admin in the backup. Its admins: \(Self.names(report.admins))"))
        }
        lines.append(line(.plain, "The current database is kept in the data folder, as a backup."))
        return lines
    }

    private var identity: Effect.SectionLine {
        report.isSameHub
            ? line(.plain, "The backup is of this hub. Devices connect as before.")
            : line(
                .warning,
                "The backup is of another hub. The hub starts again with the other key, and devices that have files of \(report.here.name) can no longer connect."
            )
    }

    /// A line with these names; nothing without names.
    private static func named(_ kind: Effect.Kind, _ names: [String], _ say: (Phrase) -> Phrase) -> [Effect.SectionLine] {
        names.isEmpty ? [] : [Effect.SectionLine(kind: kind, text: say(Self.names(names)))]
    }

    private static func names(_ names: [String]) -> Phrase { .first(maximumNames, of: names) }

    private func line(_ kind: Effect.Kind, _ text: Phrase) -> Effect.SectionLine { Effect.SectionLine(kind: kind, text: text) }

    // MARK: Handlers

    private static func check(_ visit: Visit) throws -> Response {
        guard let session = visit.session, visit.held.isEmpty else { return try DataPage.draw(visit, visit.inputs) }
        let upload = visit.inputs.upload("backup")
        guard !upload.isEmpty else { return try DataPage.refuse(visit, "backup", "Choose the file of a backup.") }
        let backup: UploadedBackup
        do {
            backup = try visit.site.database.take(upload, passphrase: visit.inputs.exact("backup_passphrase"), at: visit.now)
        } catch {
            return try DataPage.refuse(visit, "backup", visit.words(forFailureOf: error))
        }
        visit.site.uploads.keep(backup, session: session.id, now: visit.now)
        return try visit.page(template, RestorePage(report: backup.report, visit: visit))
    }

    /// Signs everybody out, also this visitor.
    private static func restore(_ visit: Visit) throws -> Response {
        guard let session = visit.session, visit.held.isEmpty else { return try DataPage.draw(visit, visit.inputs) }
        guard let backup = visit.site.uploads.take(session: session.id, now: visit.now) else {
            return try DataPage.refuse(
                visit, "backup",
                "The upload is no longer here: it was more than ten minutes ago, or another one replaced it. Upload the backup again.")
        }
        guard backup.report.isSameHub || visit.inputs.isOn("replace") else {
            visit.site.uploads.keep(backup, session: session.id, now: visit.now)
            return try visit.page(template, RestorePage(report: backup.report, visit: visit), status: .unprocessableContent)
        }
        let standing = try visit.standing()
        do {
            _ = try visit.site.database.restore(
                backup, replacingOtherHub: visit.inputs.isOn("replace"), by: visit.author, at: visit.now, permit: standing.require)
        } catch {
            return try DataPage.refuse(visit, "backup", visit.words(forFailureOf: error))
        }
        visit.site.refreshHosts()
        var response = visit.done("/login", .restored)
        PortalCookie.session.remove(from: &response, for: visit.request)
        return response
    }
}
