// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// A request that the guard admitted, with everything that a handler may use.
struct Visit {
    let site: PortalSite
    var request: Request
    var parameters: Parameters
    /// Who may use this route.
    var access: Access
    /// The language of this visitor's pages.
    let language: Language
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
    /// Why the form may not be saved yet; empty if it may. Pages show it above the form.
    var held: Phrase = ""

    /// The author for the audit log.
    var author: Author {
        Author(name: session?.account.email ?? token.map { "token \($0.name)" } ?? "nobody", address: request.client.description)
    }

    /// True for accounts and tokens that may see private keys.
    var maySeeSecrets: Bool { session.map { $0.account.role == .admin } ?? token?.scopes.contains(.devices) ?? false }

    /// True for an admin. For other visitors, pages omit controls that would be refused.
    var mayChange: Bool { session?.account.role == .admin }

    /// True if the session was confirmed recently enough for sensitive actions.
    var isConfirmed: Bool { session?.isConfirmed(at: now) ?? false }

    /// Throws `ConfirmationNeeded` unless the user signed in or confirmed within the last five minutes. A redirect cannot send a form again, so the
    /// user returns to the page with the form, the nearest page above its path. If the form is the page's own, what was typed is kept.
    func requireConfirmation() throws {
        guard !isConfirmed else { return }
        guard !request.method.isSafe else {
            let query = request.query.pairs.reduce(PageAddress(request.rawPath)) { $0.with($1.name, $1.value) }
            throw ConfirmationNeeded(path: query.text)
        }
        let page = site.page(above: request.path)
        guard let session, page == request.rawPath, !inputs.values.allSatisfy({ $0.key == "csrf_token" || $0.value.isEmpty }) else {
            throw ConfirmationNeeded(path: page)
        }
        site.hold(HeldForm(request, inputs), for: session, at: now)
        throw ConfirmationNeeded(path: HeldForm.path)
    }

    /// Reads in this request's transaction.
    func read<R>(_ body: (ReadTransaction) throws -> R) throws -> R { try moment.map(body) ?? site.database.read(body) }

    /// Everything the pages show, as of now.
    func overview() throws -> Overview { try read { try site.overview($0, at: now) } }

    /// The same, with the evidence of failed handshakes of these devices.
    func overview(examining keys: [PublicKey]) throws -> Overview { try read { try site.overview($0, examining: keys, at: now) } }
}
