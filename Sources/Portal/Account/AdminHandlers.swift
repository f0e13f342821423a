// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// Who may sign in: admins and viewers.
enum AdminHandlers {
    static let listPage = Page("admins", "rows[id href email you enabled role since factor] required")
    static let newPage = Page("admin_new", TemplateShape.form("email", "password").merging("problem is_viewer"))
    static let page = Page(
        "admin", "id email you enabled is_viewer since factor sessions[browser address started used] toggle toggle_label")

    static func list(_ visit: Visit) throws -> Response {
        let (accounts, isRequired) = try visit.read { (try $0.accounts(), try $0.isSecondFactorRequired()) }
        let rows = accounts.map { account -> TemplateValue in
            [
                "id": .text(account.id), "href": .text("/admins/\(account.id)"), "email": .text(account.email),
                "you": .flag(account.id == visit.session?.account.id), "enabled": .flag(!account.isDisabled),
                "role": .phrase(Phrase(text: account.role.rawValue)), "since": .phrase(account.createdAt.relative(to: visit.now)),
                "factor": .flag(account.hasSecondFactor),
            ]
        }
        return try visit.page(listPage, ["rows": .list(rows), "required": .flag(isRequired)], notice: visit.notice)
    }

    static func newForm(_ visit: Visit) throws -> Response { try drawNew(visit, Inputs([:])) }

    static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let email = inputs.text("email")
        let password = inputs.exact("password")
        guard let role = Account.Role(rawValue: inputs.text("role")) else { throw HTTPError(.badRequest, "There is no such role.") }
        if let problem = PasswordRules.problem(password, context: [email]) { inputs.refuse("password", problem) }
        guard inputs.errors.isEmpty else { return try drawNew(visit, inputs, status: .unprocessableContent) }
        guard let hash = try visit.site.gate.pass({ PasswordHash.make(password) }) else {
            throw HTTPError.busy("There is no memory to protect the password at this moment.")
        }
        do {
            try visit.site.database.write { transaction in
                _ = try inputs.collect {
                    try transaction.addAccount(email: email, passwordHash: hash, role: role, by: visit.author, at: visit.now)
                }
            }
            return visit.done("/admins", .admin)
        } catch is Inputs.Refused {
            return try drawNew(visit, inputs, status: .unprocessableContent)
        }
    }

    static func show(_ visit: Visit) throws -> Response {
        let (account, sessions) = try visit.read {
            (try $0.account(visit.parameters["id"]), try $0.sessions(ofAccount: visit.parameters["id"], at: visit.now))
        }
        return try visit.page(
            page,
            [
                "id": .text(account.id), "email": .text(account.email), "you": .flag(account.id == visit.session?.account.id),
                "enabled": .flag(!account.isDisabled), "is_viewer": .flag(account.role == .viewer),
                "since": .phrase(account.createdAt.relative(to: visit.now)), "toggle": account.isDisabled ? "enable" : "disable",
                "toggle_label": .phrase(account.isDisabled ? "Enable" : "Disable"), "factor": .flag(account.hasSecondFactor),
                "sessions": .list(
                    sessions.map {
                        [
                            "browser": .phrase(Browser.name($0.userAgent)), "address": .text($0.address),
                            "started": .phrase($0.createdAt.relative(to: visit.now)), "used": .phrase($0.activeAt.relative(to: visit.now)),
                        ]
                    }),
            ], notice: visit.notice)
    }

    static func setRole(_ visit: Visit) throws -> Response {
        guard let role = Account.Role(rawValue: visit.inputs.text("role")) else { throw HTTPError(.badRequest, "There is no such role.") }
        return try change(visit) { try $0.setRole(ofAccount: visit.parameters["id"], role, by: visit.author, at: visit.now) }
    }

    static func setDisabled(_ isDisabled: Bool, _ visit: Visit) throws -> Response {
        try change(visit) { try $0.setDisabled(ofAccount: visit.parameters["id"], isDisabled, by: visit.author, at: visit.now) }
    }

    static func endSessions(_ visit: Visit) throws -> Response {
        try change(visit) {
            let account = try $0.account(visit.parameters["id"])
            try $0.endSessions(ofAccount: account.id, except: visit.session?.id)
            try $0.record("session.end_all", target: "admin/\(account.email)", by: visit.author, at: visit.now)
        }
    }

    /// For somebody who lost them; the password alone lets them in then, and their sessions end.
    static func removeSecondFactors(_ visit: Visit) throws -> Response {
        try change(visit) { try $0.removeSecondFactors(ofAccount: visit.parameters["id"], by: visit.author, at: visit.now) }
    }

    /// Whoever turns it on must have one, so that nobody shuts everybody out, themselves included.
    static func requireSecondFactors(_ visit: Visit) throws -> Response {
        let isRequired = visit.inputs.isOn("required")
        guard try !isRequired || visit.ownSession.account.hasSecondFactor else {
            throw HTTPError(.conflict, "Add a second factor to your own account first.")
        }
        try visit.site.database.write { try $0.setSecondFactorRequired(isRequired, by: visit.author, at: visit.now) }
        return visit.done("/admins", .saved)
    }

    static func remove(_ visit: Visit) throws -> Response {
        try visit.site.database.write { try $0.removeAccount(visit.parameters["id"], by: visit.author, at: visit.now) }
        return visit.done("/admins", .admin)
    }

    private static func change(_ visit: Visit, _ body: (WriteTransaction) throws -> Void) throws -> Response {
        try visit.site.database.write(body)
        return visit.done("/admins/\(visit.parameters["id"])", .admin)
    }

    private static func drawNew(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(
            newPage,
            [
                "problem": inputs.problem(besides: ["email", "password"]), "email": inputs.field("email"),
                "password": inputs.secretField("password"), "is_viewer": .flag(inputs.text("role") == Account.Role.viewer.rawValue),
            ], status: status)
    }
}
