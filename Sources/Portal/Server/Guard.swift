// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Store
import Templates
import Words

/// Runs before every handler. It identifies the visitor and refuses those without permission. A handler always needs a `Visit`, and only the guard
/// makes one.
struct Guard {
    let site: PortalSite
    /// The state of the database that the request reads; nil for a request that writes.
    var moment: ReadTransaction?

    /// Throws the refusal: 401, 403 or a redirect to the sign-in page.
    func admit(_ request: Request, _ parameters: Parameters, to handler: Handler) throws -> Visit {
        var visit = visit(request, parameters, handler.access)
        switch handler.access {
        case .everybody: break
        case .entry:
            visit = stranger(request, parameters)
            if !request.method.isSafe {
                try requireSameOrigin(request, by: "nobody")
                let (inputs, isOurs) = try form(request, handler, by: "nobody") { token in
                    !visit.isPreSessionNew && visit.preSession.map { site.signer.isValid(token, of: $0, for: .preSession) } ?? false
                }
                guard isOurs else {
                    throw HTTPError(.forbidden, "This form has expired or belongs to another session. Reload the page and send it again.")
                }
                visit.inputs = inputs
            }
        case .viewer, .admin:
            let session = try self.session(request, handler, now: visit.now)
            visit.session = session
            let name = session.account.email
            if !request.method.isSafe {
                try requireSameOrigin(request, by: name)
                let (inputs, isOurs) = try form(request, handler, by: name) {
                    constantTimeEqual(Array($0.utf8), Array(session.csrfToken.utf8))
                }
                visit.inputs = inputs
                if !isOurs {
                    visit.held = "This page was from an earlier session, so nothing is saved yet. Your entries are kept: check them and save again."
                }
            }
            try noting(.rights, request, by: name) { () throws(HTTPError) in try session.requireRole(for: handler.access) }
            if handler.needsConfirmation { try visit.requireConfirmation() }
        case .tokenOrViewer where request.fields["Authorization"] == nil && request.sessionToken != nil:
            visit.session = try self.session(request, handler, now: visit.now)
        case .token, .anyToken, .tokenOrViewer:
            visit.token = try token(request, for: handler, now: visit.now)
        }
        return visit
    }

    private func visit(_ request: Request, _ parameters: Parameters, _ access: Access) -> Visit {
        Visit(
            site: site, request: request, parameters: parameters, access: access, language: Language(for: request), moment: moment,
            now: site.now())
    }

    /// A visit of somebody who is not signed in. Its forms are tied to the browser.
    func stranger(_ request: Request, _ parameters: Parameters) -> Visit {
        var visit = visit(request, parameters, .entry)
        let known = PortalCookie.preSession.value(in: request).flatMap { $0.utf8.count == 64 ? $0 : nil }
        visit.preSession = known ?? PreSession.make()
        visit.isPreSessionNew = known == nil
        return visit
    }

    private func read<R>(_ body: (ReadTransaction) throws -> R) throws -> R { try moment.map(body) ?? site.database.read(body) }

    private func session(_ request: Request, _ handler: Handler, now: UnixTime) throws -> Session {
        let session: Session
        do { session = try read { try request.session(in: $0, at: now, limits: site.sessionLimits) } } catch is SignInNeeded {
            guard !request.method.isSafe else { throw SignInNeeded(path: request.rawPath) }
            throw SignInNeeded(path: site.page(above: request.path), form: typed(request, handler))
        }
        if session.isTouchDue(at: now), !handler.isPassive { site.activity.note(session: session.id, at: now) }
        return session
    }

    /// The form of somebody whose session has ended, if a page of ours sent it and the browser was signed in before.
    private func typed(_ request: Request, _ handler: Handler) -> HeldForm? {
        guard (try? checkOrigin(request)) != nil, PortalCookie.browser.id(in: request) != nil,
            let (inputs, _) = try? form(request, handler, isToken: { _ in true })
        else { return nil }
        return HeldForm(request, inputs)
    }

    /// Checks that the request comes from a page of this origin. Browsers say so in Sec-Fetch-Site (over TLS and on localhost) and in Origin (on
    /// every POST). At least one of the two must be present, and both must match if present (ASVS 3.5.1). Some proxies and privacy settings
    /// replace the origin by `null`; Sec-Fetch-Site must then say same-origin.
    private func requireSameOrigin(_ request: Request, by name: String) throws(HTTPError) {
        try noting(.forms, request, by: name) { () throws(HTTPError) in try checkOrigin(request) }
    }

    /// Counts the refusal that `check` throws.
    private func noting(_ kind: RefusalTally.Kind, _ request: Request, by name: String, _ check: () throws(HTTPError) -> Void) throws(HTTPError) {
        do throws(HTTPError) { try check() } catch {
            note(kind, request, by: name)
            throw error
        }
    }

    private func checkOrigin(_ request: Request) throws(HTTPError) {
        let fetchSite = request.fields.all("Sec-Fetch-Site")
        let origins = request.fields.all("Origin")
        guard fetchSite.allSatisfy({ $0 == "same-origin" || $0 == "none" }), fetchSite.count <= 1, origins.count <= 1,
            fetchSite.count + origins.count > 0
        else { throw Self.foreign }
        guard let text = origins.first, !(text == "null" && fetchSite == ["same-origin"]) else { return }
        guard let origin = WebOrigin(text) else { throw Self.foreign }
        guard !site.origins(of: request).contains(origin) else { return }
        throw origin.authority.host == request.authority?.host ? site.mismatch(origin, request) : Self.foreign
    }

    private static let foreign = HTTPError(.forbidden, "This form did not come from a page of this hub. Open the page here and send it again.")

    /// The form, and whether its token is one of this session. A form with another token is counted.
    private func form(
        _ request: Request, _ handler: Handler, by name: String, isToken: (String) -> Bool
    ) throws -> (inputs: Inputs, isOurs: Bool) {
        let answer = try form(request, handler, isToken: isToken)
        if !answer.isOurs { note(.forms, request, by: name) }
        return answer
    }

    private func form(_ request: Request, _ handler: Handler, isToken: (String) -> Bool) throws -> (inputs: Inputs, isOurs: Bool) {
        // Any change may be one that the user was asked about.
        let names = handler.fields.union(handler.access == .admin ? ["csrf_token", BreachPage.field] : ["csrf_token"])
        let form = try Form(request, names: names, lists: handler.lists, uploads: handler.uploads)
        let inputs = Inputs(
            names.reduce(into: [:]) { $0[$1] = form[$1] }, lists: handler.lists.reduce(into: [:]) { $0[$1] = form.list($1) },
            uploads: handler.uploads.reduce(into: [:]) { $0[$1] = form.upload($1) })
        return (inputs, form["csrf_token"].map(isToken) ?? false)
    }

    /// The token or account that sends a large body. Throws unless it may use the route: as `admit`, except for the form, which is not here yet.
    func sender(ofLargeBody request: Request) throws -> String {
        guard let (handler, parameters) = site.handler(of: request), !handler.uploads.isEmpty else {
            return "token \(try token(request, for: site.handler(of: request)?.handler, now: site.now()).id)"
        }
        var visit = visit(request, parameters, handler.access)
        let session = try self.session(request, handler, now: visit.now)
        try requireSameOrigin(request, by: session.account.email)
        try noting(.rights, request, by: session.account.email) { () throws(HTTPError) in try session.requireRole(for: handler.access) }
        visit.session = session
        if handler.needsConfirmation { try visit.requireConfirmation() }
        return "account \(session.account.id)"
    }

    /// The token of a request, which must have the scope for the handler.
    private func token(_ request: Request, for handler: Handler?, now: UnixTime) throws -> APIToken {
        let token: APIToken
        do { token = try read { try request.apiToken(in: $0, at: now) } } catch let error as HTTPError {
            // Without the field it is a program or person that does not know yet that the API needs a token.
            if request.fields["Authorization"]?.isEmpty == false { note(.tokens, request, by: "nobody") }
            throw error
        }
        if let handler {
            try noting(.rights, request, by: "token \(token.name)") { () throws(HTTPError) in try token.requireScope(for: handler.access) }
        }
        let address = request.client.description
        if token.isUseDue(at: now, from: address) { site.activity.note(token: token.id, from: address, at: now) }
        return token
    }
}

/// Nobody is signed in. Pages redirect to the sign-in page, which then returns to `path`. For a form that can be kept, the sign-in page is the answer.
struct SignInNeeded: Error {
    let path: String?
    var form: HeldForm?
}

/// The hub requires a second factor of everybody, and this account has none yet.
struct SecondFactorNeeded: Error {}

/// The session was confirmed too long ago for this request. `path`, with its query, is the page to continue at after the confirmation.
struct ConfirmationNeeded: Error {
    let path: String
}
