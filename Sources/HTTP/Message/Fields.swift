// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The name of a field: a token, compared case-insensitively (RFC 9110 5.1).
public struct FieldName: Sendable, CustomStringConvertible {
    /// The name as it was written.
    public let description: String

    /// Nil unless `text` is a token.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isToken) else { return nil }
        description = text
    }

    /// For the parser, which has checked each byte.
    init(checked text: String) { description = text }
}

extension FieldName: ExpressibleByStringLiteral {
    /// Traps in debug builds when the literal is not a token: that is a mistake in our own source.
    public init(stringLiteral text: String) {
        assert(FieldName(text) != nil, "\(text) is not a field name")
        self.init(checked: text)
    }
}

extension FieldName: Hashable {
    /// True for `ETag` and `etag`.
    public static func == (a: Self, b: Self) -> Bool { a.description.equalsIgnoringCase(b.description) }

    /// Equal for names that differ only in case.
    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte.lowercased) }
    }
}

/// Fields in order, with duplicates (RFC 9110 5). Everything in here can be written to the wire without changes.
public struct Fields: Hashable, Sendable {
    /// One name with its value.
    public struct Line: Hashable, Sendable {
        /// The name as it was written.
        public let name: FieldName
        /// The value; when received, without surrounding space.
        public let value: String
    }

    /// All fields in order.
    public private(set) var lines: [Line] = []

    /// No fields.
    public init() {}

    /// The value of the only field with this name. Nil when there is none, or more than one, which is ambiguous.
    public subscript(_ name: FieldName) -> String? {
        var found: String?
        for line in lines where line.name == name {
            if found != nil { return nil }
            found = line.value
        }
        return found
    }

    /// All values with this name, in order.
    public func all(_ name: FieldName) -> [String] { lines.filter { $0.name == name }.map(\.value) }

    /// True when there is at least one field with this name.
    public func contains(_ name: FieldName) -> Bool { lines.contains { $0.name == name } }

    /// Appends a field. A control character, which is not allowed in a value, becomes a space.
    public mutating func append(_ name: FieldName, _ value: String) {
        lines.append(Line(name: name, value: Self.cleaned(value)))
    }

    /// Replaces all fields with this name by one with `value`.
    public mutating func set(_ name: FieldName, _ value: String) {
        remove(name)
        append(name, value)
    }

    /// Removes all fields with this name.
    public mutating func remove(_ name: FieldName) { lines.removeAll { $0.name == name } }

    /// True when the comma-separated list in these fields contains `member`, ignoring case (RFC 9110 5.6.1).
    public func list(_ name: FieldName, contains member: String) -> Bool {
        lines.contains { line in
            line.name == name
                && line.value.utf8.split(separator: UInt8(ascii: ",")).contains {
                    trimmed(Substring($0)).equalsIgnoringCase(member)
                }
        }
    }

    /// For the parser, which has checked each byte.
    mutating func append(checkedName name: String, value: String) {
        lines.append(Line(name: FieldName(checked: name), value: value))
    }

    private static func cleaned(_ value: String) -> String {
        if value.utf8.allSatisfy(\.isFieldValue) { return value }
        return String(decoding: value.utf8.map { $0.isFieldValue ? $0 : .space }, as: UTF8.self)
    }
}

extension Fields: ExpressibleByDictionaryLiteral {
    /// Fields in the order of the literal, in which a name may occur twice.
    public init(dictionaryLiteral elements: (FieldName, String)...) {
        for (name, value) in elements { append(name, value) }
    }
}

/// The text without spaces and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
    var bytes = text.utf8
    while let first = bytes.first, first == .space || first == .tab { bytes.removeFirst() }
    while let last = bytes.last, last == .space || last == .tab { bytes.removeLast() }
    return Substring(bytes)
}

// The byte classes of RFC 9110 5.6.

extension UInt8 {
    /// RFC 9110 5.6.2 tchar.
    var isToken: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// True for bytes that a field value may contain: visible ASCII, space, tab and 8-bit bytes (RFC 9110 5.5).
    var isFieldValue: Bool { self >= 0x20 && self != 0x7F || self == .tab }
}
