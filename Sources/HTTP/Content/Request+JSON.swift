// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

extension Request {
    /// The body as JSON. Throws 415 for another content type, and 400 with the position for invalid JSON.
    public func json() throws(HTTPError) -> JSON {
        guard mediaType == "application/json" else {
            throw HTTPError(.unsupportedMediaType, "Send the body as application/json.")
        }
        do {
            return try JSON(parsing: body)
        } catch {
            throw HTTPError(.badRequest, Phrase(verbatim: error.description))
        }
    }
}
