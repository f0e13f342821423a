// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// A path pattern with parameters: `/devices/{id}/config`. Parameters are validated before a handler sees them.
public struct RoutePattern: Hashable, Sendable {
    /// The values that a parameter accepts.
    public enum Kind: String, Hashable, Sendable {
        /// 1 to 64 characters of `A-Z a-z 0-9 _ -`; the kind of `{id}` without a suffix.
        case identifier
        /// A decimal number without sign or leading zeros, up to 18 digits.
        case number
        /// A file name of 1 to 128 characters of `A-Z a-z 0-9 . _ -`, not beginning with a dot.
        case file

        func accepts(_ text: String) -> Bool {
            let bytes = text.utf8
            switch self {
            case .identifier:
                return (1...64).contains(bytes.count) && bytes.allSatisfy { $0.isAlphanumeric || $0 == 0x5F || $0 == 0x2D }
            case .number:
                return (1...18).contains(bytes.count) && bytes.allSatisfy(\.isDigit) && (bytes.count == 1 || bytes.first != 0x30)
            case .file:
                return (1...128).contains(bytes.count) && bytes.first != 0x2E
                    && bytes.allSatisfy { $0.isAlphanumeric || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E }
            }
        }
    }

    enum Segment: Hashable, Sendable {
        case literal(String)
        case place(name: String, Kind)
    }

    let segments: [Segment]
    /// The pattern as it was written.
    public let text: String

    /// Parses `/`, or a slash before each segment: a literal, `{name}` or `{name:kind}`. Nil for any other text and for a name used twice.
    public init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        var segments: [Segment] = []
        var names: Set<String> = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) where text != "/" {
            guard part.hasPrefix("{"), part.hasSuffix("}") else {
                guard !part.isEmpty, !part.contains(where: { $0 == "{" || $0 == "}" }) else { return nil }
                segments.append(.literal(String(part)))
                continue
            }
            let words = part.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
            guard words.count <= 2, let name = words.first, !name.isEmpty, names.insert(String(name)).inserted,
                let kind = words.count == 1 ? .identifier : Kind(rawValue: String(words[1]))
            else { return nil }
            segments.append(.place(name: String(name), kind))
        }
        self.segments = segments
        self.text = text
    }

    /// The parameters of `path`; nil when the path does not match.
    func match(_ path: [String]) -> Parameters? {
        guard path.count == segments.count else { return nil }
        var parameters = Parameters()
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let literal):
                guard literal == text else { return nil }
            case .place(let name, let kind):
                guard kind.accepts(text) else { return nil }
                parameters.values.append((name, text))
            }
        }
        return parameters
    }
}

/// The parameters of a request's path, each validated by its kind.
public struct Parameters: Sendable {
    var values: [(name: String, text: String)] = []

    init() {}

    /// The value of the parameter `name`. Traps for a name that the pattern does not have: that is a mistake in our own source.
    public subscript(_ name: String) -> String {
        guard let value = values.first(where: { $0.name == name }) else { preconditionFailure("the route has no place {\(name)}") }
        return value.text
    }

    /// The value of a parameter of kind `number`.
    public func number(_ name: String) -> Int {
        guard let value = Int(self[name]) else { preconditionFailure("{\(name)} is not of the kind number") }
        return value
    }
}
