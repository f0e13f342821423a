// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// A user's own account: password, second factors and sessions; for admins also the API's tokens.
struct AccountPage: TemplateModel {
    static let template = Template<AccountPage>("account")
    static let routes: [Route<Handler>] = [
        Route(.get, "/account", Handler(.viewer, show)),
        Route(.post, "/account/password", Handler(.viewer, fields: ["current_password", "new_password"], changePassword)),
        Route(.post, "/account/theme", Handler(.viewer, fields: ["theme", "next"], setTheme)),
        Route(.post, "/account/language", Handler(.viewer, fields: ["language", "next"], setLanguage)),
        Route(.post, "/login/language", Handler(.entry, fields: ["language", "next"], setLanguage)),
        Route(.post, "/account/sessions/end-others", Handler(.viewer, endOtherSessions)),
        Route(.post, "/account/sessions/{id}/end", Handler(.viewer, endSession)),
    ]

    static var fields: [TemplateField<AccountPage>] {
        [
            .text("new_token") { $0.newToken.first ?? "" }, .text("new_token_name") { $0.newToken.last ?? "" },
            .flag("token_waits", \.tokenWaits),
            .flag("owes", \.session.owesSecondFactor), .flag("app", \.factors.hasTOTP),
            .phrase("app_used") { .lastUse($0.factors.totpUsedAt, now: $0.now) }, .number("codes_left", \.factors.recoveryCodesLeft),
            .flag("any_factor", \.factors.isSet), .flag("passkeys_offered", \.offersPasskeys),
            .list("passkeys") { page in page.factors.passkeys.map { PasskeyRow(passkey: $0, now: page.now) } },
            .list("sessions") { page in page.sessions.map { SessionRow(session: $0, isCurrent: $0.id == page.session.id, now: page.now) } },
            .flag("any_tokens") { !$0.tokens.isEmpty }, .list("tokens") { page in page.tokens.map { TokenRow(token: $0, now: page.now) } },
        ] + TemplateField.form(secret: ["current_password", "new_password"], of: \.inputs)
    }

    private let inputs: Inputs
    private let session: Session
    private let sessions: [Session]
    private let factors: SecondFactors
    /// True where browsers offer passkeys.
    private let offersPasskeys: Bool
    private let tokens: [APIToken]
    /// A token that this session just made, and its name; otherwise empty.
    private let newToken: [String]
    /// True if there is such a token, but it is shown only after a confirmation.
    private let tokenWaits: Bool
    private let now: UnixTime

    private struct PasskeyRow: TemplateModel {
        let passkey: Passkey
        let now: UnixTime

        static var fields: [TemplateField<PasskeyRow>] {
            [
                .text("id", \.passkey.id), .text("name", \.passkey.name), .text("host", \.passkey.relyingParty),
                .phrase("used") { .lastUse($0.passkey.usedAt, now: $0.now) },
            ]
        }
    }

    private struct TokenRow: TemplateModel {
        let token: APIToken
        let now: UnixTime

        static var fields: [TemplateField<TokenRow>] {
            [
                .text("id", \.token.id), .text("name", \.token.name), .text("hint") { "hub_api_…\($0.token.hint)" },
                .phrase("scopes") { $0.token.scopes.sorted().map { Phrase(text: $0.rawValue) }.joined(separator: ", ") },
                .phrase("expires") { $0.token.expiresAt?.relative(to: $0.now) ?? "never" },
                .phrase("used") { .lastUse($0.token.usedAt, now: $0.now) },
            ]
        }
    }

    static func show(_ visit: Visit) throws -> Response { try draw(visit, Inputs([:])) }

    static func changePassword(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        let password = inputs.exact("new_password")
        if let problem = PasswordRules.problem(password, context: [session.account.email, try visit.hubName()]) {
            inputs.refuse("new_password", problem)
        }
        try visit.confirmPassword("current_password", &inputs)
        guard inputs.errors.isEmpty else { return try inputs.refusal { try draw(visit, inputs, status: $0) } }
        let hash = try visit.site.gate.hash(password, as: .known(of: session.account.email))
        let renewed = try visit.write {
            try $0.setPassword(ofAccount: session.account.id, hash: hash, keepingSession: session.id, by: visit.author, at: visit.now)
            return (token: try $0.renewSession(session.id, at: visit.now), credentials: try $0.credentials(ofAccount: session.account.id))
        }
        var response = visit.done("/account", .password)
        PortalCookie.session.set(renewed.token.reveal(), on: &response, for: visit.request)
        visit.remember(of: renewed.credentials, on: &response)
        return response
    }

    static func setTheme(_ visit: Visit) throws -> Response {
        guard let theme = Frame.Theme(rawValue: visit.inputs.text("theme")) else { throw HTTPError(.badRequest, "There is no such theme.") }
        return chosen(theme.rawValue, in: .theme, visit)
    }

    static func setLanguage(_ visit: Visit) throws -> Response {
        guard let language = Language(rawValue: visit.inputs.text("language")) else { throw HTTPError(.badRequest, "There is no such language.") }
        return chosen(language.rawValue, in: .language, visit)
    }

    /// Keeps a choice in a cookie and leads back to the page where it was made.
    private static func chosen(_ value: String, in cookie: PortalCookie, _ visit: Visit) -> Response {
        var response = Response.redirect(to: SignInPage.localPath(visit.inputs.exact("next")))
        cookie.set(value, on: &response, for: visit.request)
        return response
    }

    static func endOtherSessions(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        try visit.write {
            try $0.endSessions(ofAccount: session.account.id, except: session.id)
            try $0.record("session.end_others", target: "admin/\(session.account.email)", by: visit.author, at: visit.now)
        }
        return visit.done("/account", .sessions)
    }

    /// Throws `.notFound` for another account's session.
    static func endSession(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        let id = visit.parameters["id"]
        try visit.write {
            guard try $0.sessions(ofAccount: session.account.id, at: visit.now).contains(where: { $0.id == id }) else {
                throw StoreError.notFound(kind: "session", id: id)
            }
            try $0.endSession(id)
            try $0.record("session.end", target: "admin/\(session.account.email)", by: visit.author, at: visit.now)
        }
        return visit.done("/account", .sessions)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let session = try visit.ownSession
        let id = session.account.id
        let kept = visit.mayChange ? visit.site.secrets.text(for: "token", session: session.id, now: visit.now) : nil
        let newToken = visit.isConfirmed ? kept?.split(separator: " ", maxSplits: 1) : nil
        let model = try visit.read {
            AccountPage(
                inputs: inputs, session: session, sessions: try $0.sessions(ofAccount: id, at: visit.now),
                factors: try $0.secondFactors(ofAccount: id), offersPasskeys: visit.relyingParty != nil,
                tokens: visit.mayChange ? try $0.apiTokens() : [], newToken: (newToken ?? []).map(String.init),
                tokenWaits: kept != nil && newToken == nil,
                now: visit.now)
        }
        return try visit.page(template, model, status: status, notice: visit.notice)
    }
}

extension Phrase {
    /// "5 min ago", or "never".
    fileprivate static func lastUse(_ time: UnixTime?, now: UnixTime) -> Phrase { time?.relative(to: now) ?? "never" }
}

extension Visit {
    /// The session, on routes that need one.
    var ownSession: Session {
        get throws {
            guard let session else { throw SignInNeeded(path: nil) }
            return session
        }
    }
}
