// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// A domain name of letters, digits and hyphens, in lower case (RFC 1035 2.3.1, RFC 1123 2.1).
public struct DomainName: Hashable, Sendable, LosslessStringConvertible {
    /// The longest name in bytes, as in messages (RFC 1035 2.3.4).
    public static let maximumByteCount = 255
    /// The longest label in bytes.
    public static let maximumLabelByteCount = 63

    /// The labels, the first one first.
    public let labels: [String]

    /// Nil if a label is empty, longer than 63 bytes, has other characters, or begins or ends with a hyphen, and if the whole name is too
    /// long. A dot at the end is allowed.
    public init?(_ text: String) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
        guard parts.allSatisfy(Self.isLabel) else { return nil }
        labels = parts.map { $0.lowercased() }
        guard wire.count <= Self.maximumByteCount else { return nil }
    }

    private static func isLabel(_ text: Substring) -> Bool {
        let bytes = text.utf8
        let isFitting = bytes.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
        return isFitting && (1...maximumLabelByteCount).contains(bytes.count) && bytes.first != UInt8(ascii: "-")
            && bytes.last != UInt8(ascii: "-")
    }

    /// Whether `text` is a single label of letters, digits and hyphens.
    public static func isLabel(_ text: String) -> Bool { isLabel(text[...]) }

    public var description: String { labels.joined(separator: ".") }

    /// The name as in messages: each label after its length, then a zero (RFC 1035 3.1).
    var wire: [UInt8] { labels.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0] }
}
