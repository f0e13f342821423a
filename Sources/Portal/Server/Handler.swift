// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP

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
