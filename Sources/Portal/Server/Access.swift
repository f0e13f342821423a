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
