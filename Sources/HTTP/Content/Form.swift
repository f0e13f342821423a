// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The fields of an HTML form: `application/x-www-form-urlencoded`, each known, each at most once (ASVS 15.3.3, 15.3.7).
public struct Form: Hashable, Sendable {
    private let values: [String: String]

    /// Throws 415 for another content type, 400 for a field that is not in `names`, comes twice or cannot be decoded.
    public init(_ request: Request, names: Set<String>) throws(HTTPError) {
        guard let type = request.mediaType, type == "application/x-www-form-urlencoded" else {
            throw HTTPError(.unsupportedMediaType, "Send the form as application/x-www-form-urlencoded.")
        }
        var values: [String: String] = [:]
        for pair in try Query(decoding: request.body[...]).pairs {
            guard names.contains(pair.name) else {
                throw HTTPError(.badRequest, "The form has a field that this page does not know.")
            }
            guard values.updateValue(pair.value, forKey: pair.name) == nil else {
                throw HTTPError(.badRequest, "The form has a field twice: \(pair.name).")
            }
        }
        self.values = values
    }

    /// What was typed; nil when the field was not sent, as an unchecked box is not.
    public subscript(_ name: String) -> String? { values[name] }
}
