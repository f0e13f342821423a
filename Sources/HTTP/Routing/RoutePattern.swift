// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// A path with named places: `/devices/{id}/config`. What may stand in a place is checked before anything else sees it.
public struct RoutePattern: Hashable, Sendable {
    /// What a place takes.
    public enum Kind: String, Hashable, Sendable {
        /// 1 to 64 of `A-Z a-z 0-9 _ -`; the kind of `{id}` without another word.
        case identifier
        /// A decimal number without sign or leading zeros, up to 18 digits.
        case number
        /// The name of a file, 1 to 128 of `A-Z a-z 0-9 . _ -`, not beginning with a dot.
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
    /// As it was written.
    public let text: String

    /// `/`, or segments after a slash each: a literal, `{name}` or `{name:kind}`. Nil for anything else and for a name used twice.
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

    /// What stands in the places of `path`, nil when the path does not fit.
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

/// What stood in the places of a pattern, each checked by its kind.
public struct Parameters: Sendable {
    var values: [(name: String, text: String)] = []

    init() {}

    /// The text in the place `name`. A name that the pattern does not have is a mistake in our own source and traps.
    public subscript(_ name: String) -> String {
        guard let value = values.first(where: { $0.name == name }) else { preconditionFailure("the route has no place {\(name)}") }
        return value.text
    }

    /// The same for a place of the kind `number`.
    public func number(_ name: String) -> Int {
        guard let value = Int(self[name]) else { preconditionFailure("{\(name)} is not of the kind number") }
        return value
    }
}
