// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store

/// A route's access rule, its form fields and its handler.
struct Handler: Sendable {
    let access: Access
    /// True if the session must have been confirmed within the last five minutes: for routes that show secrets, grant rights or delete (ASVS
    /// 7.5.3).
    let needsConfirmation: Bool
    /// True for requests that pages make by themselves. They do not keep a session alive (ASVS 7.3.1).
    let isPassive: Bool
    /// True for reads that may have to wait: they write too, make a draft, or share long work with others. The event loop never runs them.
    let mayWait: Bool
    /// The fields of the form besides `csrf_token`. Any other field is refused.
    let fields: Set<String>
    /// Fields that may be repeated, such as the boxes of a list.
    let lists: Set<String>
    /// Fields with files or long texts. Their form may be larger than others.
    let uploads: Set<String>
    let handle: @Sendable (Visit) throws -> Response

    init(
        _ access: Access, confirmed: Bool = false, passive: Bool = false, waits: Bool = false, fields: Set<String> = [], lists: Set<String> = [],
        uploads: Set<String> = [], _ handle: @escaping @Sendable (Visit) throws -> Response
    ) {
        self.access = access
        self.needsConfirmation = confirmed
        self.isPassive = passive
        self.mayWait = waits
        self.fields = fields
        self.lists = lists
        self.uploads = uploads
        self.handle = handle
    }
}

/// Who may use a route. Every route must say so; there is no default.
enum Access: Hashable, Sendable {
    /// Everybody: assets and the health check.
    case everybody
    /// Everybody who has one of our forms: sign-in and set-up. A pre-session token takes the place of the session's token.
    case entry
    /// Every signed-in user.
    case viewer
    /// Signed-in admins.
    case admin
    /// A bearer token with this scope. Cookies are ignored.
    case token(TokenScope)
    /// A bearer token with at least one of these scopes.
    case anyToken(Set<TokenScope>)
    /// A bearer token with this scope, or a signed-in user: for documents without data, which people open in the browser.
    case tokenOrViewer(TokenScope)
}
