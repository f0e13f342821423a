// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// An error in one field: the field's name as in the form and the API, and a sentence to show next to it.
public struct FieldError: Hashable, Sendable {
    /// The field's name in the form and the API, such as `allowed_ips`.
    public var field: String
    /// One or two sentences for people.
    public var message: Phrase

    public init(_ field: String, _ message: Phrase) {
        self.field = field
        self.message = message
    }
}
