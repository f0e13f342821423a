// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Why a request is refused, to be thrown by handlers and decoders; it becomes an answer at one place, `Application.refuse`.
public struct HTTPError: Error, Hashable, Sendable {
    /// How it is answered.
    public let status: Status
    /// What happened and what to do, fit to be shown to the client: no paths, no SQL.
    public let reason: Phrase
    /// What the answer must carry besides, such as Allow or Retry-After.
    public let fields: Fields
    /// The path as it came, where the request could not be read as a whole but so far.
    public internal(set) var path: String?

    /// A refusal that says why.
    public init(_ status: Status, _ reason: Phrase, fields: Fields = [:]) {
        self.status = status
        self.reason = reason
        self.fields = fields
    }

    /// 405 with the Allow field that RFC 9110 15.5.6 asks for.
    public static func methodNotAllowed(allow: [Method]) -> HTTPError {
        HTTPError(.methodNotAllowed, "This address does not take that method.", fields: ["Allow": Method.list(allow)])
    }

    /// 503 for a client that may come back after `seconds`.
    public static func busy(_ reason: Phrase, retryAfter seconds: Int = 1) -> HTTPError {
        HTTPError(.serviceUnavailable, reason, fields: ["Retry-After": String(seconds)])
    }
}
