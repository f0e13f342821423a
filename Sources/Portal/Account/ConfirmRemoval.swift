// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// Asks before an account or a second factor is removed. Its form leads to the same path with POST, which removes it.
struct ConfirmRemovalPage: TemplateModel {
    static let template = Template<ConfirmRemovalPage>("account_confirm")
    static let routes: [Route<Handler>] = [
        Route(.get, "/account/totp/remove", Handler(.viewer, confirmed: true, showApp)),
        Route(.get, "/account/passkeys/{id}/remove", Handler(.viewer, confirmed: true, showPasskey)),
        Route(.get, "/admins/{id}/remove", Handler(.admin, confirmed: true) { try show(.account($0.storedAccount()), $0) }),
        Route(.get, "/admins/{id}/remove-second-factors", Handler(.admin, confirmed: true) { try show(.factors($0.storedAccount()), $0) }),
    ]

    static var fields: [TemplateField<ConfirmRemovalPage>] {
        [
            .phrase("heading", \.heading), .phrase("consequence", \.consequence), .text("action", \.action), .phrase("button", \.button),
            .text("origin", \.origin), .phrase("origin_label", \.originLabel),
        ]
    }

    /// What would be removed. One's own factor `isLast` if no other remains.
    private enum Removal {
        case app(isLast: Bool)
        case passkey(name: String, isLast: Bool)
        case factors(Account)
        case account(Account)
    }

    private let removal: Removal
    /// The path of this page, which is also the form's.
    private let action: String

    private var heading: Phrase {
        switch removal {
        case .app: "Remove your authenticator app?"
        case .passkey(let name, _): "Remove the passkey \(name)?"
        case .factors(let account): "Remove the second factors of \(account.email)?"
        case .account(let account): "Remove the account \(account.email)?"
        }
    }

    private var consequence: Phrase {
        switch removal {
        case .app(isLast: true), .passkey(_, isLast: true):
            "It is your last second factor: the password alone then signs you in, and your recovery codes are removed too. Your other sessions end."
        case .app, .passkey: "You can no longer sign in with it; your other second factors stay. Your other sessions end."
        case .factors: "The password alone then signs this account in, until its owner adds a second factor again. Its sessions end."
        case .account: "Its sessions end, and API tokens that it made are revoked. This cannot be undone; the audit log keeps what the account did."
        }
    }

    private var button: Phrase {
        switch removal {
        case .app: "Remove the app"
        case .passkey: "Remove the passkey"
        case .factors: "Remove second factors"
        case .account: "Remove the account"
        }
    }

    private var origin: String {
        switch removal {
        case .app, .passkey: "/account#second-factors"
        case .factors(let account), .account(let account): "/admins/\(account.id)"
        }
    }

    private var originLabel: Phrase {
        switch removal {
        case .app, .passkey: "Account"
        case .factors(let account), .account(let account): Phrase(verbatim: account.email)
        }
    }

    private static func showApp(_ visit: Visit) throws -> Response {
        let factors = try visit.ownFactors()
        guard factors.hasTOTP else { throw StoreError.notFound(kind: "authenticator app", id: "of your account") }
        return try show(.app(isLast: factors.passkeys.isEmpty), visit)
    }

    private static func showPasskey(_ visit: Visit) throws -> Response {
        let factors = try visit.ownFactors()
        let id = visit.parameters["id"]
        guard let passkey = factors.passkeys.first(where: { $0.id == id }) else { throw StoreError.notFound(kind: "passkey", id: id) }
        return try show(.passkey(name: passkey.name, isLast: !factors.hasTOTP && factors.passkeys.count == 1), visit)
    }

    private static func show(_ removal: Removal, _ visit: Visit) throws -> Response {
        try visit.page(template, ConfirmRemovalPage(removal: removal, action: visit.request.rawPath))
    }
}

extension Visit {
    fileprivate func ownFactors() throws -> SecondFactors {
        let id = try ownSession.account.id
        return try read { try $0.secondFactors(ofAccount: id) }
    }

    /// The account that the path names. Throws `.notFound`.
    fileprivate func storedAccount() throws -> Account { try read { try $0.account(parameters["id"]) } }
}
