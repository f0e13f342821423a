// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// One broken field: its name as in the form and the API, and a sentence that stands beside it.
public struct FieldError: Hashable, Sendable {
    /// As in the form and the API, such as `allowed_ips`.
    public var field: String
    /// One or two sentences for people.
    public var message: Phrase

    public init(_ field: String, _ message: Phrase) {
        self.field = field
        self.message = message
    }
}
