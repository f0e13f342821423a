// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// Refusals of the API in the form of RFC 9457.
enum APIProblem {
    /// `[{field, message}]`.
    static func list(_ errors: [FieldError]) -> JSON {
        .array(errors.map { ["field": .string($0.field), "message": .string($0.message.description)] })
    }
}
