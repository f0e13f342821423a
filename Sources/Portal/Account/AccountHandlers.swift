// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// One's own password, sessions and theme, and the list of the API's tokens.
enum AccountHandlers {
    static let page = Page(
        "account",
        TemplateShape.form("current_password", "new_password").merging(
            """
            problem new_token new_token_name any_tokens sessions[id browser current address started used]
            tokens[id name hint scopes expires used] owes app app_used codes_left any_factor passkeys[id name host used] passkeys_offered
            """))

    static func show(_ visit: Visit) throws -> Response { try draw(visit, Inputs([:])) }

    static func changePassword(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        var inputs = visit.inputs
        let password = inputs.exact("new_password")
        if let problem = PasswordRules.problem(password, context: [session.account.email]) { inputs.refuse("new_password", problem) }
        try visit.confirmPassword("current_password", &inputs)
        guard inputs.errors.isEmpty else { return try draw(visit, inputs, status: .unprocessableContent) }
        guard let hash = try visit.site.gate.pass({ PasswordHash.make(password) }) else {
            throw HTTPError.busy("There is no memory to protect the password at this moment.")
        }
        let token = try visit.site.database.write {
            try $0.setPassword(ofAccount: session.account.id, hash: hash, keepingSession: session.id, by: visit.author, at: visit.now)
            return try $0.renewSession(session.id, at: visit.now)
        }
        var response = visit.done("/account", .password)
        PortalCookie.session.set(token.reveal(), on: &response, for: visit.request)
        return response
    }

    static func setTheme(_ visit: Visit) throws -> Response {
        guard let theme = Frame.Theme(rawValue: visit.inputs.text("theme")) else { throw HTTPError(.badRequest, "There is no such theme.") }
        var response = Response.redirect(to: SignInHandlers.localPath(visit.inputs.exact("next")))
        PortalCookie.theme.set(theme.rawValue, on: &response, for: visit.request)
        return response
    }

    /// The languages of the pages; also chosen before anybody signs in.
    static func setLanguage(_ visit: Visit) throws -> Response {
        guard let language = Language(rawValue: visit.inputs.text("language")) else { throw HTTPError(.badRequest, "There is no such language.") }
        var response = Response.redirect(to: SignInHandlers.localPath(visit.inputs.exact("next")))
        PortalCookie.language.set(language.rawValue, on: &response, for: visit.request)
        return response
    }

    static func endOtherSessions(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        try visit.site.database.write {
            try $0.endSessions(ofAccount: session.account.id, except: session.id)
            try $0.record("session.end_others", target: "admin/\(session.account.email)", by: visit.author, at: visit.now)
        }
        return visit.done("/account", .sessions)
    }

    /// One's own sessions only.
    static func endSession(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        let id = visit.parameters["id"]
        try visit.site.database.write {
            guard try $0.sessions(ofAccount: session.account.id, at: visit.now).contains(where: { $0.id == id }) else {
                throw StoreError.notFound(kind: "session", id: id)
            }
            try $0.endSession(id)
            try $0.record("session.end", target: "admin/\(session.account.email)", by: visit.author, at: visit.now)
        }
        return visit.done("/account", .sessions)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        guard let current = visit.session else { throw SignInNeeded(path: nil) }
        let isAdmin = current.account.role == .admin
        let (sessions, tokens, factors) = try visit.read {
            (
                try $0.sessions(ofAccount: current.account.id, at: visit.now), isAdmin ? try $0.apiTokens() : [],
                try $0.secondFactors(ofAccount: current.account.id)
            )
        }
        let secret = visit.site.secrets.text(for: "token", session: current.id, now: visit.now)?.split(separator: " ", maxSplits: 1) ?? []
        let fields = ["current_password", "new_password"]
        var values: [String: TemplateValue] = [
            "problem": inputs.problem(besides: fields), "new_token": .text(secret.first.map(String.init) ?? ""),
            "new_token_name": .text(secret.last.map(String.init) ?? ""), "any_tokens": .flag(!tokens.isEmpty),
            "owes": .flag(current.owesSecondFactor), "app": .flag(factors.hasTOTP),
            "app_used": .phrase(factors.totpUsedAt?.relative(to: visit.now) ?? "never"), "codes_left": .number(factors.recoveryCodesLeft),
            "any_factor": .flag(factors.isSet), "passkeys_offered": .flag(visit.relyingParty != nil),
            "passkeys": .list(
                factors.passkeys.map {
                    [
                        "id": .text($0.id), "name": .text($0.name), "host": .text($0.relyingParty),
                        "used": .phrase($0.usedAt?.relative(to: visit.now) ?? "never"),
                    ]
                }),
            "sessions": .list(
                sessions.map {
                    [
                        "id": .text($0.id), "browser": .phrase(Browser.name($0.userAgent)), "current": .flag($0.id == current.id),
                        "address": .text($0.address), "started": .phrase($0.createdAt.relative(to: visit.now)),
                        "used": .phrase($0.activeAt.relative(to: visit.now)),
                    ]
                }),
            "tokens": .list(
                tokens.map {
                    [
                        "id": .text($0.id), "name": .text($0.name), "hint": .text("hub_api_…\($0.hint)"),
                        "scopes": .phrase($0.scopes.sorted().map { Phrase(text: $0.rawValue) }.joined(separator: ", ")),
                        "expires": .phrase($0.expiresAt?.relative(to: visit.now) ?? "never"),
                        "used": .phrase($0.usedAt?.relative(to: visit.now) ?? "never"),
                    ]
                }),
        ]
        for name in fields { values[name] = inputs.secretField(name) }
        return try visit.page(page, values, status: status, notice: visit.notice)
    }
}
