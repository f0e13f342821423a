// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A request method that this server knows (RFC 9110 9, RFC 5789, QUERY of the HTTP working group). Names are case-sensitive, so `get` is
/// unknown.
public enum Method: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    /// Known, but no route accepts it.
    case trace = "TRACE"
    /// Known, but no route accepts it.
    case query = "QUERY"

    /// True for methods that only read (RFC 9110 9.2.1).
    public var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace, .query: true
        case .post, .put, .patch, .delete: false
        }
    }

    /// The form of the Allow field.
    static func list(_ methods: [Method]) -> String { methods.map(\.rawValue).joined(separator: ", ") }
}
