// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Recovery codes, each of which replaces a lost app or passkey once.
struct RecoveryCodesPage: TemplateModel {
    static let template = Template<RecoveryCodesPage>("recovery_codes")
    static let routes: [Route<Handler>] = [
        Route(.get, "/account/recovery-codes", Handler(.viewer, confirmed: true, show)),
        Route(.post, "/account/recovery-codes", Handler(.viewer, confirmed: true, replace)),
    ]

    static var fields: [TemplateField<RecoveryCodesPage>] {
        [.texts("codes", \.codes), .number("left", \.factors.recoveryCodesLeft), .flag("any_factor", \.factors.isSet)]
    }

    /// Empty unless they were just made.
    private let codes: [String]
    private let factors: SecondFactors

    static func show(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        let codes = visit.site.secrets.text(for: "recovery codes", session: session.id, now: visit.now)?.split(separator: " ") ?? []
        let model = RecoveryCodesPage(
            codes: codes.map(String.init), factors: try visit.read { try $0.secondFactors(ofAccount: session.account.id) })
        return try visit.page(template, model, notice: visit.notice)
    }

    static func replace(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        guard session.account.hasSecondFactor else { throw HTTPError(.conflict, "Add an app or a passkey first. Recovery codes replace them.") }
        visit.keepRecoveryCodes(
            try visit.write { try $0.makeRecoveryCodes(ofAccount: session.account.id, by: visit.author, at: visit.now) }, session)
        return .redirect(to: "/account/recovery-codes")
    }
}

extension Visit {
    /// Adds or removes one of the user's own second factors. The account's other sessions end, and this one gets a new token
    /// (ASVS 7.2.4, 7.4.3). The first factor brings recovery codes, which are shown next.
    func changeSecondFactors(_ change: (WriteTransaction) throws -> Void) throws -> Response {
        let session = try ownSession
        let id = session.account.id
        let (token, credentials, codes) = try write { transaction in
            try change(transaction)
            try transaction.endSessions(ofAccount: id, except: session.id)
            let factors = try transaction.secondFactors(ofAccount: id)
            let needsCodes = factors.isSet && factors.recoveryCodesLeft == 0
            return (
                try transaction.renewSession(session.id, at: now), try transaction.credentials(ofAccount: id),
                needsCodes ? try transaction.makeRecoveryCodes(ofAccount: id, by: author, at: now) : []
            )
        }
        if !codes.isEmpty { keepRecoveryCodes(codes, session) }
        var response = done(codes.isEmpty ? "/account" : "/account/recovery-codes", .factors)
        PortalCookie.session.set(token.reveal(), on: &response, for: request)
        remember(of: credentials, on: &response)
        return response
    }

    fileprivate func keepRecoveryCodes(_ codes: [String], _ session: Session) {
        site.secrets.put(codes.joined(separator: " "), for: "recovery codes", session: session.id, now: now)
    }
}
