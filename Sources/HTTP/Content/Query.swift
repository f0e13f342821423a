// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The decoded pairs of a query or a form, in order.
public struct Query: Hashable, Sendable {
    /// One name with its value, both decoded.
    public struct Pair: Hashable, Sendable {
        /// At most 64 bytes.
        public let name: String
        /// At most 8 KB; empty when the pair has no `=`.
        public let value: String

        fileprivate init(name: String, value: String) { (self.name, self.value) = (name, value) }

        /// A field of a form with files. Throws 400 for text that is not UTF-8, has a zero byte or is too long.
        init(_ part: MultipartForm.Part) throws(HTTPError) {
            guard part.content.count <= Query.maximumValueBytes, !part.content.contains(0),
                let value = String(validating: part.content, as: UTF8.self)
            else { throw HTTPError(.badRequest, "The query or form is not valid.") }
            self.init(name: part.name, value: value)
        }
    }

    /// The pairs in the order in which they arrived.
    public private(set) var pairs: [Pair] = []

    /// Limits for input from browsers; longer input is refused.
    static let maximumPairs = 200
    static let maximumNameBytes = 64
    static let maximumValueBytes = 8192

    /// No pairs.
    public init() {}

    /// The value of the first pair with this name.
    public subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// All values with this name, in order.
    public func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// Decodes `name=value&…` with `+` for a space. Throws 400 for invalid percent-encoding, text that is not UTF-8, a zero byte, and input
    /// beyond the limits above.
    init(decoding bytes: ArraySlice<UInt8>) throws(HTTPError) {
        // One more than may be there, so that a large body is not split to its end: that would take many times its size.
        let parts = bytes.split(separator: UInt8(ascii: "&"), maxSplits: Self.maximumPairs, omittingEmptySubsequences: false)
        for part in parts where !part.isEmpty {
            let rawName = part.prefix { $0 != UInt8(ascii: "=") }
            guard parts.count <= Self.maximumPairs,
                let name = PercentDecoding.decode(rawName, plusIsSpace: true),
                let value = PercentDecoding.decode(part[rawName.endIndex...].dropFirst(), plusIsSpace: true),
                name.utf8.count <= Self.maximumNameBytes, value.utf8.count <= Self.maximumValueBytes
            else { throw HTTPError(.badRequest, "The query or form is not valid.") }
            pairs.append(Pair(name: name, value: value))
        }
    }
}
