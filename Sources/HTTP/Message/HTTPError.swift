// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The reason why a request is refused. Handlers and decoders throw it, and `Application.refuse` turns it into a response.
public struct HTTPError: Error, Hashable, Sendable {
    /// The status of the response.
    public let status: Status
    /// What happened and what to do. Shown to the client, so it contains no paths and no SQL.
    public let reason: Phrase
    /// Additional fields of the response, such as Allow or Retry-After.
    public let fields: Fields
    /// The raw path, if the request was unreadable as a whole but its path was readable.
    public internal(set) var path: String?

    /// A refusal with a reason.
    public init(_ status: Status, _ reason: Phrase, fields: Fields = [:]) {
        self.status = status
        self.reason = reason
        self.fields = fields
    }

    /// 405 with the Allow field that RFC 9110 15.5.6 requires.
    public static func methodNotAllowed(allow: [Method]) -> HTTPError {
        HTTPError(.methodNotAllowed, "This address does not accept this method.", fields: ["Allow": Method.list(allow)])
    }

    /// 503 for a client that may retry after `seconds`.
    public static func busy(_ reason: Phrase, retryAfter seconds: Int = 1) -> HTTPError {
        HTTPError(.serviceUnavailable, reason, fields: ["Retry-After": String(seconds)])
    }
}
