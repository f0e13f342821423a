// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Store

/// The right of a visitor to what is sent after the request, piece by piece. A download can go on for as long as its reader wants, and the
/// session, the account or its role may end meanwhile.
struct Standing: Sendable {
    private let site: PortalSite
    private let session: String
    private let account: String
    private let role: Account.Role

    fileprivate init(_ site: PortalSite, _ session: Session) {
        self.site = site
        (self.session, account, role) = (session.id, session.account.id, session.account.role)
    }

    /// Throws `SignInNeeded` unless the session is still valid and the account has the role that it had at the request. Call it in the
    /// transaction that reads what is sent. A download does not count as activity, so it also ends when the session has been idle for too long.
    func require(in transaction: ReadTransaction) throws {
        let sessions = try transaction.sessions(ofAccount: account, at: site.now(), limits: site.sessionLimits)
        guard let session = sessions.first(where: { $0.id == session }), session.account.role == role, !session.owesSecondFactor else {
            throw SignInNeeded(path: nil)
        }
    }
}

extension Visit {
    /// The right of this signed-in visitor. Throws `SignInNeeded` on routes without a session.
    func standing() throws -> Standing {
        guard let session else { throw SignInNeeded(path: nil) }
        return Standing(site, session)
    }
}
