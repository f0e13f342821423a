// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The name of a field: a token, compared without regard to case (RFC 9110 5.1).
public struct FieldName: Sendable, CustomStringConvertible {
    /// As it was written.
    public let description: String

    /// Nil unless `text` is a token.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isToken) else { return nil }
        description = text
    }

    /// The parser has checked each byte.
    init(checked text: String) { description = text }
}

extension FieldName: ExpressibleByStringLiteral {
    /// A literal that is no token is a mistake in our own source and traps.
    public init(stringLiteral text: StaticString) {
        guard let name = FieldName(text.description) else { preconditionFailure("\(text) is not a field name") }
        self = name
    }
}

extension FieldName: Hashable {
    /// True for `ETag` and `etag`.
    public static func == (a: Self, b: Self) -> Bool { a.description.equalsIgnoringCase(b.description) }

    /// The same for names that differ in case.
    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte.lowercased) }
    }
}

/// Fields in their order, with duplicates kept (RFC 9110 5). What is in here can be written to the wire as it is.
public struct Fields: Hashable, Sendable {
    /// One name with its value.
    public struct Line: Hashable, Sendable {
        /// As it was written.
        public let name: FieldName
        /// Without space at both ends when it came in.
        public let value: String
    }

    /// All of them in their order.
    public private(set) var lines: [Line] = []

    /// No fields.
    public init() {}

    /// The value of the only field of this name; nil when there is none or more than one, as such a message is ambiguous.
    public subscript(_ name: FieldName) -> String? {
        var found: String?
        for line in lines where line.name == name {
            if found != nil { return nil }
            found = line.value
        }
        return found
    }

    /// All values of this name in their order.
    public func all(_ name: FieldName) -> [String] { lines.filter { $0.name == name }.map(\.value) }

    /// True when there is at least one of this name.
    public func contains(_ name: FieldName) -> Bool { lines.contains { $0.name == name } }

    /// Adds a field after the others. A control character, which no value may hold, becomes a space.
    public mutating func append(_ name: FieldName, _ value: String) {
        lines.append(Line(name: name, value: Self.cleaned(value)))
    }

    /// Puts `value` in the place of all fields of this name.
    public mutating func set(_ name: FieldName, _ value: String) {
        remove(name)
        append(name, value)
    }

    /// Takes out all of this name.
    public mutating func remove(_ name: FieldName) { lines.removeAll { $0.name == name } }

    /// True when a comma-separated list in these fields holds `member`, in any case (RFC 9110 5.6.1).
    public func list(_ name: FieldName, contains member: String) -> Bool {
        lines.contains { line in
            line.name == name
                && line.value.utf8.split(separator: UInt8(ascii: ",")).contains {
                    trimmed(Substring($0)).equalsIgnoringCase(member)
                }
        }
    }

    /// The parser has checked each byte.
    mutating func append(checkedName name: String, value: String) {
        lines.append(Line(name: FieldName(checked: name), value: value))
    }

    private static func cleaned(_ value: String) -> String {
        if value.utf8.allSatisfy(\.isFieldValue) { return value }
        return String(decoding: value.utf8.map { $0.isFieldValue ? $0 : .space }, as: UTF8.self)
    }
}

extension Fields: ExpressibleByDictionaryLiteral {
    /// Fields in the order of the literal, which may have a name twice.
    public init(dictionaryLiteral elements: (FieldName, String)...) {
        for (name, value) in elements { append(name, value) }
    }
}

/// Without spaces and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
    var bytes = text.utf8
    while let first = bytes.first, first == .space || first == .tab { bytes.removeFirst() }
    while let last = bytes.last, last == .space || last == .tab { bytes.removeLast() }
    return Substring(bytes)
}
