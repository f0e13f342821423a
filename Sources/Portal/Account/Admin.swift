// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// One account, and what an admin can do to it.
struct AdminPage: TemplateModel {
    static let template = Template<AdminPage>("admin")
    static let routes: [Route<Handler>] = [
        Route(.get, "/admins/{id}", Handler(.admin, confirmed: true, show)),
        Route(.post, "/admins/{id}/role", Handler(.admin, confirmed: true, fields: ["role"], setRole)),
        Route(.post, "/admins/{id}/enable", Handler(.admin, confirmed: true) { try setDisabled(false, $0) }),
        Route(.post, "/admins/{id}/disable", Handler(.admin, confirmed: true) { try setDisabled(true, $0) }),
        Route(.post, "/admins/{id}/end-sessions", Handler(.admin, confirmed: true, endSessions)),
        Route(.post, "/admins/{id}/remove-second-factors", Handler(.admin, confirmed: true, removeSecondFactors)),
        Route(.post, "/admins/{id}/remove", Handler(.admin, confirmed: true, remove)),
    ]

    static var fields: [TemplateField<AdminPage>] {
        [
            .text("id", \.account.id), .text("email", \.account.email), .flag("you", \.isOwn), .flag("enabled") { !$0.account.isDisabled },
            .flag("is_viewer") { $0.account.role == .viewer }, .phrase("since") { $0.account.createdAt.relative(to: $0.now) },
            .flag("factor", \.account.hasSecondFactor), .text("toggle") { $0.account.isDisabled ? "enable" : "disable" },
            .phrase("toggle_label") { $0.account.isDisabled ? "Enable" : "Disable" },
            .list("sessions") { page in page.sessions.map { SessionRow(session: $0, isCurrent: false, now: page.now) } },
        ]
    }

    private let account: Account
    private let isOwn: Bool
    private let sessions: [Session]
    private let now: UnixTime

    static func show(_ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        let isOwn = try visit.ownSession.account.id == id
        let model = try visit.read {
            AdminPage(account: try $0.account(id), isOwn: isOwn, sessions: try $0.sessions(ofAccount: id, at: visit.now), now: visit.now)
        }
        return try visit.page(template, model, notice: visit.notice)
    }

    static func setRole(_ visit: Visit) throws -> Response {
        let role = try visit.inputs.role
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

    /// Removes the second factors of a user who lost them. Ends the user's sessions; afterwards the password alone signs them in.
    static func removeSecondFactors(_ visit: Visit) throws -> Response {
        try change(visit) { try $0.removeSecondFactors(ofAccount: visit.parameters["id"], by: visit.author, at: visit.now) }
    }

    static func remove(_ visit: Visit) throws -> Response {
        try visit.write { try $0.removeAccount(visit.parameters["id"], by: visit.author, at: visit.now) }
        return visit.done("/admins", .admin)
    }

    private static func change(_ visit: Visit, _ body: (WriteTransaction) throws -> Void) throws -> Response {
        try visit.write(body)
        return visit.done("/admins/\(visit.parameters["id"])", .admin)
    }
}
