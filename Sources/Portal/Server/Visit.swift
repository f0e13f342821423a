// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// A request that the guard admitted, with everything that a handler may use.
struct Visit {
    let site: PortalSite
    let request: Request
    let parameters: Parameters
    /// All data on a page comes from one read transaction. Nil for requests that write, because they must read their own changes.
    var moment: ReadTransaction?
    var now: UnixTime
    /// The signed-in browser's session; nil on public routes and in the API.
    var session: Session?
    /// The API token; nil outside the API.
    var token: APIToken?
    /// Ties forms that need no sign-in to this browser; nil if there is a session or no form.
    var preSession: String?
    /// True if the browser does not have the cookie yet.
    var isPreSessionNew = false
    /// The form; empty for requests without one.
    var inputs = Inputs([:])

    /// The author for the audit log.
    var author: Author {
        Author(name: session?.account.email ?? token.map { "token \($0.name)" } ?? "nobody", address: request.client.description)
    }

    /// The language of this visitor's pages.
    var language: Language { Language(for: request) }

    /// True for accounts and tokens that may see private keys.
    var maySeeSecrets: Bool { session.map { $0.account.role == .admin } ?? token?.scopes.contains(.devices) ?? false }

    /// True for an admin. For other visitors, pages omit controls that would be refused.
    var mayChange: Bool { session?.account.role == .admin }

    /// True if the session was confirmed recently enough for sensitive actions.
    var isConfirmed: Bool { session?.isConfirmed(at: now) ?? false }

    /// Throws `ConfirmationNeeded` unless the user signed in or confirmed within the last five minutes. A redirect cannot send a form again, so the
    /// user returns to the page with the form: the nearest page above its path.
    func requireConfirmation() throws {
        guard !isConfirmed else { return }
        guard !request.method.isSafe else {
            let query = request.query.pairs.reduce(PageAddress(request.rawPath)) { $0.with($1.name, $1.value) }
            throw ConfirmationNeeded(path: query.text)
        }
        throw ConfirmationNeeded(path: site.page(above: request.path))
    }

    /// Reads in this request's transaction.
    func read<R>(_ body: (ReadTransaction) throws -> R) throws -> R { try moment.map(body) ?? site.database.read(body) }

    /// Everything the pages show, as of now.
    func overview() throws -> Overview { try read { try site.overview($0, at: now) } }

    /// A whole page. `notice` is a sentence about the action that just finished.
    func page<Model: TemplateModel>(
        _ template: Template<Model>, _ model: Model, status: Status = .ok, notice: Phrase = ""
    ) throws -> Response {
        try page(status, notice) { try site.templates.render(template, model, frame: $0, in: language) }
    }

    private func page(_ status: Status, _ notice: Phrase, _ render: (Frame) throws -> [UInt8]) throws -> Response {
        let language = self.language
        let theme = PortalCookie.theme.value(in: request).flatMap(Frame.Theme.init(rawValue:))
        let (hubName, generation, awaited) = try read {
            (try $0.hubIfMade()?.name ?? "Hairpin", try $0.generation(), session == nil ? nil : try $0.awaitedConfirmations().first)
        }
        var response = Response.page(status, [], in: language)
        var csrf = session?.csrfToken ?? ""
        if let preSession {
            if isPreSessionNew { PortalCookie.preSession.set(preSession, on: &response, for: request) }
            csrf = site.signer.sign(preSession, for: .preSession)
        }
        let frame = Frame(
            language: language, theme: theme, assets: site.assetAddresses, hubName: hubName, version: site.version, email: session?.account.email,
            mayChange: mayChange,
            csrf: csrf,
            generation: session == nil ? nil : generation, path: request.rawPath, returnPath: request.method.isSafe ? request.rawPath : "/devices",
            notice: notice, change: notice.isEmpty ? nil : request.query["change"].flatMap(Entry.number),
            awaited: awaited.map { ($0, $0.deadline.seconds(since: now)) })
        response.body = .bytes(try render(frame))
        return response
    }

    /// Redirects with 303 to a page that reports the action and links to the change, if there is one.
    func done(_ path: String, _ notice: Notice? = nil, change: Int64? = nil) -> Response {
        done(PageAddress(path).with("change", change.map { String($0) }), notice)
    }

    /// Redirects with 303 to a page with a query.
    func done(_ link: PageAddress, _ notice: Notice?) -> Response { .redirect(to: link.with("done", notice?.rawValue).text) }

    /// The notice that a redirect to this page carries.
    var notice: Phrase { request.query["done"].flatMap(Notice.init(rawValue:))?.text ?? "" }
}

extension Response {
    /// HTML in one language, which depends on the Accept-Language field and on the cookie with the user's choice.
    static func page(_ status: Status, _ body: [UInt8], in language: Language) -> Response {
        var response = Response(status, contentType: "text/html; charset=utf-8", body: body)
        response.fields.set("Content-Language", language.rawValue)
        response.fields.set("Vary", "Accept-Language, Cookie")
        return response
    }
}
