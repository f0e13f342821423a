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
        var visit = visit(request, parameters)
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
            if session.owesSecondFactor, !Self.isOpen(request.path) { throw SecondFactorNeeded() }
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
            if handler.access == .admin, session.account.role != .admin {
                note(.rights, request, by: name)
                throw HTTPError.viewersChangeNothing
            }
            if handler.needsConfirmation { try visit.requireConfirmation() }
        case .tokenOrViewer where request.fields["Authorization"] == nil && PortalCookie.session.value(in: request) != nil:
            let session = try self.session(request, handler, now: visit.now)
            if session.owesSecondFactor { throw SecondFactorNeeded() }
            visit.session = session
        case .token(let scope), .tokenOrViewer(let scope): visit.token = try token(request, now: visit.now) { $0.contains(scope) }
        case .anyToken(let scopes): visit.token = try token(request, now: visit.now) { !$0.isDisjoint(with: scopes) }
        }
        return visit
    }

    private func visit(_ request: Request, _ parameters: Parameters) -> Visit {
        Visit(site: site, request: request, parameters: parameters, language: Language(for: request), moment: moment, now: site.now())
    }

    /// A visit of somebody who is not signed in. Its forms are tied to the browser.
    func stranger(_ request: Request, _ parameters: Parameters) -> Visit {
        var visit = visit(request, parameters)
        let known = PortalCookie.preSession.value(in: request).flatMap { $0.utf8.count == 64 ? $0 : nil }
        visit.preSession = known ?? PreSession.make()
        visit.isPreSessionNew = known == nil
        return visit
    }

    /// The pages open to an account that must still add a second factor: adding one, its own sessions, and signing out. Tokens are excluded,
    /// because a token would be a way in without a second factor.
    private static func isOpen(_ path: [String]) -> Bool { path == ["logout"] || path.first == "account" && path.dropFirst().first != "tokens" }

    private func read<R>(_ body: (ReadTransaction) throws -> R) throws -> R { try moment.map(body) ?? site.database.read(body) }

    private func session(_ request: Request, _ handler: Handler, now: UnixTime) throws -> Session {
        let token = PortalCookie.session.value(in: request).flatMap { SecretToken($0, kind: .session) }
        guard let token, let session = try read({ try $0.session(token, at: now, limits: site.sessionLimits) }) else {
            guard !request.method.isSafe else { throw SignInNeeded(path: request.rawPath) }
            throw SignInNeeded(path: site.page(above: request.path), form: typed(request, handler))
        }
        if session.isTouchDue(at: now), !handler.isPassive {
            try site.writeInPassing { try $0.touchSession(session.id, at: now) }
        }
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
        do throws(HTTPError) { try checkOrigin(request) } catch {
            note(.forms, request, by: name)
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
        let names = handler.fields.union(["csrf_token"])
        let form = try Form(request, names: names, lists: handler.lists)
        let inputs = Inputs(names.reduce(into: [:]) { $0[$1] = form[$1] }, lists: handler.lists.reduce(into: [:]) { $0[$1] = form.list($1) })
        return (inputs, form["csrf_token"].map(isToken) ?? false)
    }

    /// Throws 401 for a request without a valid token, whatever its scopes. The API checks the scopes once it has the body.
    func requireToken(_ request: Request) throws { _ = try token(request, now: site.now()) { _ in true } }

    private func token(_ request: Request, now: UnixTime, _ mayUse: (Set<TokenScope>) -> Bool) throws -> APIToken {
        let words = request.fields["Authorization"].map { $0.split(separator: " ") } ?? []
        guard words.count == 2, words[0].lowercased() == "bearer", let secret = SecretToken(String(words[1]), kind: .api),
            let token = try read({ try $0.apiToken(secret, at: now) })
        else {
            // Without the field it is a program or person that does not know yet that the API needs a token.
            if !words.isEmpty { note(.tokens, request, by: "nobody") }
            throw HTTPError(
                .unauthorized, "Send a valid token as Authorization: Bearer …. Tokens are made on the account page.",
                fields: ["WWW-Authenticate": "Bearer realm=\"hairpin\""])
        }
        let address = request.client.description
        if token.isUseDue(at: now, from: address) {
            try site.writeInPassing { try $0.noteUse(ofAPIToken: token.id, from: address, at: now) }
        }
        guard mayUse(token.scopes) else {
            note(.rights, request, by: "token \(token.name)")
            throw token.refusal
        }
        return token
    }
}

extension APIToken {
    /// 403 for a request that needs another scope.
    var refusal: HTTPError {
        HTTPError(.forbidden, "This token may not do that. Its scope is: \(scopes.sorted().map(\.rawValue).joined(separator: ", ")).")
    }
}

extension HTTPError {
    /// 403 for a viewer who asks for a change.
    static let viewersChangeNothing = HTTPError(
        .forbidden, "Your account can view everything but change nothing. Ask an admin to make this change.")
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

extension Session {
    /// The token in this session's forms. It is a hash, so that the page does not contain the stored secret itself.
    var csrfToken: String { Hex.encode(Digest.sha256(Array("hairpin form".utf8) + csrfSecret)) }
}
