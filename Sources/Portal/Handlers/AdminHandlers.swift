// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Store

/// The other admins.
enum AdminHandlers {
    static let page = Page(
        "admins",
        TemplateShape.form("email", "password", "current_password").merging("problem rows[id email you enabled role since toggle toggle_label]"))

    static func show(_ visit: Visit) throws -> Response { try draw(visit, Inputs([:])) }

    static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let email = inputs.text("email")
        if let problem = PasswordRules.problem(inputs.exact("password"), context: [email]) { inputs.refuse("password", problem) }
        try visit.confirmPassword("current_password", &inputs)
        guard inputs.errors.isEmpty else { return try draw(visit, inputs, status: .unprocessableContent) }
        let password = inputs.exact("password")
        guard let hash = try visit.site.gate.pass({ PasswordHash.make(password) }) else {
            throw HTTPError.busy("There is no memory to protect the password at this moment.")
        }
        do {
            _ = try visit.site.database.write {
                try $0.addAccount(email: email, passwordHash: hash, role: .admin, by: visit.author, at: visit.now)
            }
            return visit.done("/admins", .admin)
        } catch StoreError.invalid(let errors) {
            inputs.refuse(errors)
            return try draw(visit, inputs, status: .unprocessableContent)
        }
    }

    static func setDisabled(_ isDisabled: Bool, _ visit: Visit) throws -> Response {
        try visit.site.database.write {
            try $0.setDisabled(ofAccount: visit.parameters["id"], isDisabled, by: visit.author, at: visit.now)
        }
        return visit.done("/admins", .admin)
    }

    static func remove(_ visit: Visit) throws -> Response {
        try visit.site.database.write { try $0.removeAccount(visit.parameters["id"], by: visit.author, at: visit.now) }
        return visit.done("/admins", .admin)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let accounts = try visit.site.database.read { try $0.accounts() }
        let rows = accounts.map { account -> TemplateValue in
            [
                "id": .text(account.id), "email": .text(account.email), "you": .flag(account.id == visit.session?.account.id),
                "enabled": .flag(!account.isDisabled), "role": .text(account.role.rawValue),
                "since": .text(account.createdAt.relative(to: visit.now)),
                "toggle": account.isDisabled ? "enable" : "disable", "toggle_label": account.isDisabled ? "Enable" : "Disable",
            ]
        }
        return try visit.page(
            page,
            [
                "problem": inputs.problem(besides: ["email", "password", "current_password"]), "rows": .list(rows), "email": inputs.field("email"),
                "password": inputs.secretField("password"), "current_password": inputs.secretField("current_password"),
            ], status: status, notice: visit.notice)
    }
}

extension Visit {
    /// Asks for the password again before something that gives power away (ASVS 7.5.1). Wrong ones count as attempts to sign in.
    func confirmPassword(_ field: String, _ inputs: inout Inputs) throws {
        guard let session else { throw SignInNeeded(path: nil) }
        let buckets = [LoginBucket.knownBrowser(email: session.account.email, browser: "session \(session.id)")]
        if let wait = try site.database.write({ try $0.takeLoginAttempt(buckets, at: now) }) {
            inputs.refuse(field, "Too many attempts. Wait \(Amount.age(wait)) and try again.")
            return
        }
        let hash = try site.database.read { try $0.passwordHash(ofAccount: session.account.id) }
        let password = inputs.exact(field)
        guard try site.gate.pass({ PasswordHash.verify(password, against: hash) }) else {
            inputs.refuse(field, "This is not your password.")
            return
        }
        try site.database.write {
            try $0.clearLoginAttempts(buckets)
            try $0.confirmSession(session.id, at: now)
        }
    }
}
