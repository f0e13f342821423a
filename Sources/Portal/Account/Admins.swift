// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Everyone who can sign in, admins and viewers, and whether they all need a second factor.
struct AdminsPage: TemplateModel {
    static let template = Template<AdminsPage>("admins")
    static let routes: [Route<Handler>] = [
        Route(.get, "/admins", Handler(.admin, show)),
        Route(.post, "/admins/second-factors", Handler(.admin, confirmed: true, fields: ["required"], requireSecondFactors)),
    ]

    static var fields: [TemplateField<AdminsPage>] { [.list("rows", \.rows), .flag("required", \.isSecondFactorRequired)] }

    private let rows: [Row]
    private let isSecondFactorRequired: Bool

    private struct Row: TemplateModel {
        let account: Account
        let isOwn: Bool
        let now: UnixTime

        static var fields: [TemplateField<Row>] {
            [
                .text("href") { "/admins/\($0.account.id)" }, .text("email", \.account.email), .flag("you", \.isOwn),
                .flag("enabled") { !$0.account.isDisabled }, .phrase("role") { Phrase(text: $0.account.role.rawValue) },
                .flag("factor", \.account.hasSecondFactor), .phrase("since") { $0.account.createdAt.relative(to: $0.now) },
            ]
        }
    }

    static func show(_ visit: Visit) throws -> Response {
        let own = try visit.ownSession.account.id
        let model = try visit.read {
            AdminsPage(
                rows: try $0.accounts().map { Row(account: $0, isOwn: $0.id == own, now: visit.now) },
                isSecondFactorRequired: try $0.isSecondFactorRequired())
        }
        return try visit.page(template, model, notice: visit.notice)
    }

    /// Only an admin who has a second factor may demand one of everybody; otherwise all admins could lock themselves out.
    static func requireSecondFactors(_ visit: Visit) throws -> Response {
        let isRequired = visit.inputs.isOn("required")
        guard try !isRequired || visit.ownSession.account.hasSecondFactor else {
            throw HTTPError(.conflict, "Add a second factor to your own account first.")
        }
        try visit.write { try $0.setSecondFactorRequired(isRequired, by: visit.author, at: visit.now) }
        return visit.done("/admins", .saved)
    }
}
