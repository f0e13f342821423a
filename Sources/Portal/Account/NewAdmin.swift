// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Adding an admin or a viewer.
struct NewAdminPage: TemplateModel {
    static let template = Template<NewAdminPage>("admin_new")
    static let routes: [Route<Handler>] = [
        Route(.get, "/admins/new", Handler(.admin, confirmed: true, show)),
        Route(.post, "/admins/new", Handler(.admin, confirmed: true, fields: ["email", "role", "password"], add)),
    ]

    static var fields: [TemplateField<NewAdminPage>] {
        [.flag("is_viewer") { $0.inputs.text("role") == Account.Role.viewer.rawValue }]
            + TemplateField.form("email", secret: ["password"], of: \.inputs)
    }

    private let inputs: Inputs

    static func show(_ visit: Visit) throws -> Response { try draw(visit, Inputs([:])) }

    static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let email = inputs.text("email")
        let password = inputs.exact("password")
        let role = try inputs.role
        if let problem = PasswordRules.problem(password, context: [email, try visit.hubName()]) { inputs.refuse("password", problem) }
        guard inputs.errors.isEmpty else { return try draw(visit, inputs, status: .unprocessableContent) }
        let hash = try visit.site.gate.hash(password, as: .known(of: visit.ownSession.account.email))
        do {
            try visit.write { transaction in
                _ = try inputs.collect {
                    try transaction.addAccount(email: email, passwordHash: hash, role: role, by: visit.author, at: visit.now)
                }
            }
            return visit.done("/admins", .admin)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
        }
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(template, NewAdminPage(inputs: inputs), status: status)
    }
}

extension Inputs {
    /// Throws 400 for a role that the forms do not offer.
    var role: Account.Role {
        get throws {
            guard let role = Account.Role(rawValue: text("role")) else { throw HTTPError(.badRequest, "There is no such role.") }
            return role
        }
    }
}
