// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import WebAuthn
import Words

/// A form that the portal could not take, because the session had ended or the page was from an earlier one. It is kept until the user is signed in
/// again, and is then shown once more with everything that was typed, except for secrets. Nothing is saved until the user sends it again.
///
/// A browser without a session holds its form itself, sealed, so strangers fill no memory here. It can be opened only after a sign-in with the same
/// browser to the account that this browser was signed in to last. A signed-in browser's form stays in memory, one for each session.
struct HeldForm {
    /// The hidden field with the sealed form.
    static let field = "held"
    /// The page that shows a kept form.
    static let path = "/held-form"
    /// A longer form is not kept: sealed, it must fit into one field of the form that signs in (8,192 bytes).
    static let maximumByteCount = 6_000
    /// Seconds for which a sealed form can be opened.
    static let lifetime: Int64 = 1_800

    /// Fields that are never kept: secrets, the answers of authenticators, and what ties a form to its session.
    static let unkept: Set<String> = [
        "csrf_token", "password", "current_password", "new_password", "code", "preshared_key", "private_key", "secret", "token", "credential",
        "client_data", "authenticator_data", "signature", "attestation", "passphrase", "repeated", "backup_passphrase",
    ]

    /// The path that the form is sent to, as received.
    let rawPath: String
    let inputs: Inputs
    /// True if the user must type a password or a key again.
    let lacksSecrets: Bool

    private init(rawPath: String, inputs: Inputs, lacksSecrets: Bool) {
        self.rawPath = rawPath
        self.inputs = inputs
        self.lacksSecrets = lacksSecrets
    }

    /// Keeps what was typed into a form.
    init(_ request: Request, _ typed: Inputs) {
        self.init(
            rawPath: request.rawPath, inputs: Inputs(typed.values.filter { !Self.unkept.contains($0.key) }, lists: typed.lists),
            lacksSecrets: typed.values.contains { Self.unkept.contains($0.key) && $0.key != "csrf_token" && !$0.value.isEmpty })
    }

    /// What sends the form again.
    var hiddenFields: [HiddenField] {
        inputs.values.sorted { $0.key < $1.key }.map { HiddenField(name: $0.key, value: $0.value) }
            + inputs.lists.sorted { $0.key < $1.key }.flatMap { name, values in values.map { HiddenField(name: name, value: $0) } }
    }

    // MARK: As text

    private static let lists = "lists"

    /// JSON, for `init(text:)`.
    var text: String {
        let values = inputs.values.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        let lists = inputs.lists.sorted { $0.key < $1.key }.map { ($0.key, JSON.array($0.value.map(JSON.string))) }
        let object: JSON = [
            "path": .string(rawPath), "values": .object(values), "lists": .object(lists), "lacks_secrets": .bool(lacksSecrets),
        ]
        return String(decoding: object.bytes, as: UTF8.self)
    }

    /// Nil for other text.
    init?(text: String) {
        guard let object = try? JSON(parsing: Array(text.utf8)), let rawPath = object["path"]?.string, let values = object["values"]?.members,
            let lists = object["lists"]?.members
        else { return nil }
        self.init(
            rawPath: rawPath,
            inputs: Inputs(
                Dictionary(values.map { ($0.0, $0.1.string ?? "") }) { $1 },
                lists: Dictionary(lists.map { ($0.0, ($0.1.array ?? []).compactMap(\.string)) }) { $1 }),
            lacksSecrets: object["lacks_secrets"]?.bool ?? false)
    }

    /// For the hidden field. Nil if the form is too long to be kept. `browser` is the id in the browser's cookie.
    func sealed(for browser: String, in site: PortalSite, at now: UnixTime) -> String? {
        let bytes = Array("\(now.seconds)\n\(text)".utf8)
        guard bytes.count <= Self.maximumByteCount else { return nil }
        return Base64URL.encode(site.formBox.seal(bytes, for: Self.place(browser)))
    }

    /// Opens the hidden field after a sign-in. `browser` is the id of a browser that was signed in to this account before; nil if it was not. Nil if the
    /// form is another browser's, or too old.
    init?(sealed: String, for browser: String?, in site: PortalSite, at now: UnixTime) {
        guard !sealed.isEmpty, let browser, let bytes = Base64URL.decode(sealed),
            let opened = try? site.formBox.open(bytes, for: Self.place(browser)), let end = opened.firstIndex(of: 10),
            let sealedAt = Int64(String(decoding: opened[..<end], as: UTF8.self)),
            (0...Self.lifetime).contains(now.seconds - sealedAt)
        else { return nil }
        self.init(text: String(decoding: opened[(end + 1)...], as: UTF8.self))
    }

    private static func place(_ browser: String) -> String { "held form of browser \(browser)" }
}

extension PortalSite {
    /// Keeps a form for a session, in place of an earlier one.
    func hold(_ form: HeldForm, for session: Session, at now: UnixTime) {
        secrets.put(form.text, for: HeldForm.field, session: session.id, now: now)
    }

    /// Shows the form of a visit that may not be saved yet: as its own page with everything that was typed, or, if that page keeps nothing, with a button
    /// that sends it again. Runs the handler, in which every write fails as if the form were invalid.
    func draw(_ form: HeldForm, _ visit: Visit, _ handler: Handler, because reason: Phrase, status: Status) throws -> Response {
        var visit = visit
        visit.inputs = form.inputs
        visit.held = form.lacksSecrets ? [reason, "Type passwords and preshared keys again."].joined() : reason
        let page = try? Database.$refusal.withValue(Inputs.Refused(errors: [])) { try handler.handle(visit) }
        if var page, page.fields["Content-Type"]?.hasPrefix("text/html") == true, case .bytes = page.body {
            page.status = status
            return page
        }
        return try visit.page(
            HeldFormPage.template, HeldFormPage(form: form, parent: self.page(above: visit.request.path)), status: status)
    }
}

/// Sends a kept form again, for forms whose own page would not show what was typed.
struct HeldFormPage: TemplateModel {
    static let template = Template<HeldFormPage>("held_form")
    static let routes: [Route<Handler>] = [Route(.get, HeldForm.path, Handler(.viewer, show))]

    static var fields: [TemplateField<HeldFormPage>] {
        [
            .text("action", \.form.rawPath), .text("parent", \.parent), .flag("complete") { !$0.form.lacksSecrets },
            .list("fields", \.form.hiddenFields), .list("shown") { $0.form.hiddenFields.filter { !$0.value.isEmpty } },
        ]
    }

    let form: HeldForm
    /// The page that the form was probably on.
    let parent: String

    /// Shows the form that was kept for this session.
    private static func show(_ visit: Visit) throws -> Response {
        guard let session = visit.session, let text = visit.site.secrets.text(for: HeldForm.field, session: session.id, now: visit.now),
            let form = HeldForm(text: text), let request = visit.request.asking(.post, form.rawPath),
            let (handler, parameters) = visit.site.handler(of: request), [.viewer, .admin].contains(handler.access)
        else { return visit.done("/devices") }
        guard handler.access == .viewer || visit.mayChange else { throw HTTPError.viewersChangeNothing }
        if handler.needsConfirmation, !visit.isConfirmed { throw ConfirmationNeeded(path: HeldForm.path) }
        var visit = visit
        visit.request = request
        visit.parameters = parameters
        return try visit.site.draw(
            form, visit, handler, because: "Nothing is saved yet. Your entries are kept: check them and save again.", status: .ok)
    }
}
