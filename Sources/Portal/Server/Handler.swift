// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store

/// What a route does: who may, which fields its form has, and the handler.
struct Handler: Sendable {
    let access: Access
    /// True where the session must have been confirmed within five minutes: what shows secrets, gives power away or destroys (ASVS 7.5.3).
    let needsConfirmation: Bool
    /// True for what pages ask by themselves: it does not keep a session alive (ASVS 7.3.1).
    let isPassive: Bool
    /// The fields of its form besides `csrf_token`. Any other field is refused.
    let fields: Set<String>
    /// Fields that may come more than once, such as the boxes of a list.
    let lists: Set<String>
    let handle: @Sendable (Visit) throws -> Response

    init(
        _ access: Access, confirmed: Bool = false, passive: Bool = false, fields: Set<String> = [], lists: Set<String> = [],
        _ handle: @escaping @Sendable (Visit) throws -> Response
    ) {
        self.access = access
        self.needsConfirmation = confirmed
        self.isPassive = passive
        self.fields = fields
        self.lists = lists
        self.handle = handle
    }
}

/// Who may use a route. Each route names one; there is no default.
enum Access: Hashable, Sendable {
    /// Anybody: assets and the health check.
    case everybody
    /// Anybody with a form of ours: signing in and setting up. A pre-session token stands in for the session's.
    case entry
    /// Anybody who is signed in.
    case viewer
    /// An admin who is signed in.
    case admin
    /// A bearer token with this scope. Cookies are not looked at.
    case token(TokenScope)
    /// A bearer token that may read, or read metrics only.
    case metrics
}
