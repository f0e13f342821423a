// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The fields of an HTML form (`application/x-www-form-urlencoded`, and `multipart/form-data` if it uploads files). Every field must be known and,
/// unless it is a list, occur at most once (ASVS 15.3.3, 15.3.7).
public struct Form: Hashable, Sendable {
    private let values: [String: String]
    private let lists: [String: [String]]
    private let uploads: [String: ArraySlice<UInt8>]

    /// `uploads` are the fields with files or long texts. Throws 415 for another content type. Throws 400 for a field that is in none of the three
    /// sets, for a second value of a field that is not a list, and for text that cannot be decoded.
    public init(_ request: Request, names: Set<String>, lists: Set<String> = [], uploads: Set<String> = []) throws(HTTPError) {
        var pairs: [Query.Pair]
        var files: [String: ArraySlice<UInt8>] = [:]
        switch request.mediaType {
        case "application/x-www-form-urlencoded": pairs = try Query(decoding: request.body[...]).pairs
        case MultipartForm.mediaType where !uploads.isEmpty:
            pairs = []
            for part in try MultipartForm(request).parts {
                if !uploads.contains(part.name) {
                    pairs.append(try Query.Pair(part))
                } else if files.updateValue(part.content, forKey: part.name) != nil {
                    throw HTTPError(.badRequest, "The form has a field twice: \(part.name).")
                }
            }
        default: throw HTTPError(.unsupportedMediaType, "Send the form as application/x-www-form-urlencoded.")
        }
        self.uploads = files
        var values: [String: String] = [:]
        var found: [String: [String]] = [:]
        for pair in pairs {
            if lists.contains(pair.name) {
                found[pair.name, default: []].append(pair.value)
                continue
            }
            guard names.contains(pair.name) else {
                throw HTTPError(.badRequest, "The form has a field that this page does not know.")
            }
            guard values.updateValue(pair.value, forKey: pair.name) == nil else {
                throw HTTPError(.badRequest, "The form has a field twice: \(pair.name).")
            }
        }
        self.values = values
        self.lists = found
    }

    /// The value that was entered; nil when the field was not sent, such as an unchecked box.
    public subscript(_ name: String) -> String? { values[name] }

    /// All values of a list in order; empty when none was sent.
    public func list(_ name: String) -> [String] { lists[name] ?? [] }

    /// What was uploaded; nil when the field was not sent, and empty when no file was chosen.
    public func upload(_ name: String) -> ArraySlice<UInt8>? { uploads[name] }
}
