// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store

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

/// What a route does: who may, which fields its form has, and the handler.
struct Handler: Sendable {
    let access: Access
    /// The fields of its form besides `csrf_token`. Any other field is refused.
    let fields: Set<String>
    let handle: @Sendable (Visit) throws -> Response

    init(_ access: Access, fields: Set<String> = [], _ handle: @escaping @Sendable (Visit) throws -> Response) {
        self.access = access
        self.fields = fields
        self.handle = handle
    }
}
