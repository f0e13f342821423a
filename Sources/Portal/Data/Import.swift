// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Says which devices the peers of another WireGuard server would become, and adds them in one change.
struct ImportPage: TemplateModel {
    static let template = Template<ImportPage>("data_import")

    static let routes: [Route<Handler>] = [
        Route(.post, "\(DataPage.path)/import", Handler(.admin, uploads: ["peers", "text"], preview)),
        Route(.post, "\(DataPage.path)/import/confirm", Handler(.admin, fields: ["generation"], add)),
    ]

    static var fields: [TemplateField<ImportPage>] {
        [
            .phrase("heading", \.heading), .flag("any") { !$0.rows.isEmpty }, .phrase("button", \.button), .number("generation", \.generation),
            .flag("same_key", \.hasKeyOfHub), .list("rows") { $0.rows.prefix(maximumRows).map { $0 } },
            .phrase("more") { more($0.rows.count, maximumRows) }, .flag("any_notes") { !$0.notes.isEmpty },
            .phrases("notes") { Array($0.notes.prefix(maximumNotes)) }, .phrase("more_notes") { more($0.notes.count, maximumNotes) },
        ]
    }

    /// The most rows and notes to show.
    private static let maximumRows = 100
    private static let maximumNotes = 50
    /// What the session remembers: the text of the file.
    private static let memory = "import"

    private let rows: [Row]
    private let notes: [Phrase]
    private let hasKeyOfHub: Bool
    /// The state of the hub that the page was made for.
    private let generation: Int64

    private struct Row: TemplateModel {
        let line: Int
        let device: Device

        static var fields: [TemplateField<Row>] {
            [
                .number("line", \.line), .text("name", \.device.name),
                .text("addresses") { $0.device.addresses.map(\.description).joined(separator: ", ") },
                .text("routes") { $0.device.routes.map(\.description).joined(separator: ", ") },
                .phrase("state") { $0.device.enabled ? "" : "disabled" }, .phrase("preshared") { $0.device.hasPresharedKey ? "preshared key" : "" },
            ]
        }
    }

    private init(_ plan: ServerFileAddition, _ draft: Draft, generation: Int64) {
        let devices = Dictionary(draft.devices.map { ($0.publicKey, $0) }) { $1 }
        rows = plan.entries.compactMap { entry in
            entry.device.publicKey.flatMap { devices[$0] }.map { Row(line: entry.line, device: $0) }
        }
        notes = plan.notes + (plan.ignored.isEmpty ? [] : ["Not used: \(plan.ignored.joined(separator: ", "))."])
        hasKeyOfHub = plan.hasKeyOfHub
        self.generation = generation
    }

    private var heading: Phrase {
        rows.isEmpty
            ? "No device to import"
            : .counting(rows.count, "Import \(Amount.count(rows.count)) device? | Import \(Amount.count(rows.count)) devices?")
    }

    private var button: Phrase {
        .counting(rows.count, "Add \(Amount.count(rows.count)) device | Add \(Amount.count(rows.count)) devices")
    }

    private static func more(_ count: Int, _ maximum: Int) -> Phrase {
        let more = count - maximum
        return more > 0 ? .counting(more, "and \(Amount.count(more)) more | and \(Amount.count(more)) more") : ""
    }

    /// Peers that one import adds, because all other changes wait for it.
    private static let maximum = 2000

    private static func tooMany(_ count: Int) -> Phrase {
        "The file has \(Amount.count(count)) new peers, and one import adds at most \(Amount.count(maximum)). Split it, or use hairpin import on a new hub."
    }

    // MARK: Handlers

    private static func preview(_ visit: Visit) throws -> Response {
        guard visit.held.isEmpty else { return try DataPage.draw(visit, visit.inputs) }
        let file = visit.inputs.upload("peers")
        let text = String(decoding: file.isEmpty ? visit.inputs.upload("text") : file, as: UTF8.self)
        guard !text.trimmed().isEmpty else { return try DataPage.refuse(visit, "peers", "Choose a file, or paste its text below.") }
        return try show(text, visit)
    }

    private static func show(_ text: String, _ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        let overview = try visit.overview()
        do {
            let plan = try ServerFileAddition(parsing: text, to: overview.hub, overview.index)
            guard plan.entries.count <= maximum else { return try DataPage.refuse(visit, "peers", tooMany(plan.entries.count)) }
            let draft = try visit.draft { try $0.addPeers(plan.entries) }
            visit.site.secrets.put(text, for: memory, session: session.id, now: visit.now)
            return try visit.page(template, ImportPage(plan, draft, generation: overview.generation.desired))
        } catch let error as ServerFile.ParseError {
            return try refuse(error, visit)
        }
    }

    /// Adds the devices, if nothing has changed since the page was shown; otherwise shows it again.
    private static func add(_ visit: Visit) throws -> Response {
        guard let session = visit.session, visit.held.isEmpty,
            let text = visit.site.secrets.text(for: memory, session: session.id, now: visit.now)
        else { return try DataPage.refuse(visit, "peers", "The file is no longer here: it was sent more than ten minutes ago. Send it again.") }
        let added: Int64?
        do {
            added = try visit.change { transaction in
                guard Int64(visit.inputs.text("generation")) == transaction.generation - 1 else { return nil }
                try transaction.addPeers(ServerFileAddition(parsing: text, to: transaction.hub(), transaction.deviceIndex()).entries)
                return transaction.hasChanges ? transaction.generation : nil
            }
        } catch let error as ServerFile.ParseError {
            return try refuse(error, visit)
        }
        guard let added else { return try show(text, visit) }
        visit.site.secrets.remove(for: memory, session: session.id)
        return visit.done("/changes/\(added)", .imported)
    }

    private static func refuse(_ error: ServerFile.ParseError, _ visit: Visit) throws -> Response {
        try DataPage.refuse(visit, "peers", "Nothing was imported. In the file, \(error.phrase)")
    }
}
