// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The position and the reason of a JSON parse error.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of error.
    public enum Problem: String, Hashable, Sendable {
        case unexpected = "something else was expected here"
        case unexpectedEnd = "the text ends too early"
        case tooDeep = "nested deeper than 16 levels"
        case duplicateMember = "an object has this member twice"
        case notAnInteger = "only integers from -2^63 to 2^63-1 are accepted"
        case badString = "this is not a valid string"
        case notUTF8 = "the text is not UTF-8"
    }

    /// The kind of error.
    public let problem: Problem
    /// Bytes from the beginning of the text.
    public let offset: Int

    /// A sentence, such as `JSON, byte 7: an object has this member twice.`
    public var description: String { "JSON, byte \(offset): \(problem.rawValue)." }
}

extension JSON {
    static let maximumDepth = 16

    /// Parses one value, with optional whitespace around it. Throws for text that is not valid JSON (RFC 8259), and for JSON that the API
    /// does not accept: fractions other than zero, exponents, duplicate members and more than 16 levels of nesting.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONError(problem: .notUTF8, offset: 0) }
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }
}

/// A recursive-descent parser for valid UTF-8. The nesting limit also limits its use of the stack.
private struct JSONParser {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure(.unexpected) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try integer()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw failure(.unexpected)
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        guard depth <= JSON.maximumDepth else { throw failure(.tooDeep) }
        position += 1
        var members: [(String, JSON)] = []
        var names: Set<String> = []
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skipSpace()
            let start = position
            let name = try string()
            guard names.insert(name).inserted else { throw JSONError(problem: .duplicateMember, offset: start) }
            guard take(UInt8(ascii: ":")) else { throw failure(.unexpected) }
            members.append((name, try value(depth: depth)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure(.unexpected) }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        guard depth <= JSON.maximumDepth else { throw failure(.tooDeep) }
        position += 1
        var values: [JSON] = []
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat { values.append(try value(depth: depth)) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure(.unexpected) }
        return .array(values)
    }

    private mutating func integer() throws(JSONError) -> JSON {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let digits = bytes[position...].prefix(while: \.isDigit)
        position = digits.endIndex
        let end = position
        // JSON Schema treats 2.0 as an integer, and some programs write all numbers this way.
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            let zeros = bytes[(position + 1)...].prefix { $0 == UInt8(ascii: "0") }
            if !zeros.isEmpty { position = zeros.endIndex }
        }
        let isOver = position == bytes.count || !(bytes[position].isDigit || [".", "e", "E"].contains(Unicode.Scalar(bytes[position])))
        guard !digits.isEmpty, digits.count == 1 || digits.first != UInt8(ascii: "0"), isOver,
            let value = Int64(String(decoding: bytes[start..<end], as: UTF8.self))
        else { throw JSONError(problem: .notAnInteger, offset: start) }
        return .integer(value)
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        guard bytes[position] == UInt8(ascii: "\"") else { throw failure(.unexpected) }
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text, start)
            case 0..<0x20: throw JSONError(problem: .badString, offset: start)
            default: text.append(byte)
            }
        }
        throw failure(.unexpectedEnd)
    }

    private mutating func escape(into text: inout [UInt8], _ start: Int) throws(JSONError) {
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(.lineFeed)
        case UInt8(ascii: "r"): text.append(.carriageReturn)
        case UInt8(ascii: "t"): text.append(.tab)
        case UInt8(ascii: "u"):
            guard let scalar = try unicodeEscape() else { throw JSONError(problem: .badString, offset: start) }
            text += Array(String(Character(scalar)).utf8)
        default: throw JSONError(problem: .badString, offset: start)
        }
    }

    /// Parses four hex digits or a surrogate pair. Nil for an unpaired surrogate, which RFC 8259 8.2 leaves open and this parser refuses.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar? {
        guard let first = fourDigits() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return nil }
        position += 2
        guard let second = fourDigits(), (0xDC00..<0xE000).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func fourDigits() -> UInt32? {
        guard bytes.count - position >= 4 else { return nil }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = byte.hexValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    private mutating func word(_ text: String, _ value: JSON) throws(JSONError) -> JSON {
        guard bytes[position...].starts(with: text.utf8) else { throw failure(.unexpected) }
        position += text.utf8.count
        return value
    }

    /// Skips whitespace and then `byte`. Returns false if another byte follows.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [.space, .tab, .lineFeed, .carriageReturn].contains(bytes[position]) { position += 1 }
    }

    private func failure(_ problem: JSONError.Problem) -> JSONError {
        JSONError(problem: position >= bytes.count ? .unexpectedEnd : problem, offset: position)
    }
}
