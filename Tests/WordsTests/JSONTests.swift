// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import Words

struct `JSON text` {
    private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

    private func problem(_ text: String) -> JSONError.Problem? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return (error as? JSONError)?.problem
        }
    }

    @Test func `is read with all kinds of values`() throws {
        let value = try parse(" {\"a\": [1, -0, true, false, null], \"b\": {\"c\": \"x\"}} ")
        #expect(value == ["a": [1, 0, true, false, nil], "b": ["c": "x"]])
        #expect(value["b"]?["c"]?.string == "x")
        #expect(value["d"] == nil)
    }

    @Test func `has strings that are unescaped, including surrogate pairs`() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\tAé😀""#).string == "\"\\/\u{8}\u{C}\n\r\tAé😀")
    }

    @Test func `has numbers that are 64-bit integers`() throws {
        #expect(try parse("9223372036854775807").integer == .max)
        #expect(try parse("-9223372036854775808").integer == .min)
        #expect(try parse("[2.0, -7.000]") == [2, -7])
        for text in ["9223372036854775808", "1.5", "1.", "1.05", "1.0.0", "1.0e1", "1e3", "01", "01.0", "-", "1E3", "-01"] {
            #expect(problem(text) == .notAnInteger)
        }
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd), ("{", .unexpectedEnd), ("[1,", .unexpectedEnd), ("\"a", .unexpectedEnd), ("[1,]", .unexpected),
            ("{\"a\":1,}", .unexpected), ("{a:1}", .unexpected), ("{\"a\" 1}", .unexpected), ("[1 2]", .unexpected), ("1 2", .unexpected),
            ("tru", .unexpected), ("NaN", .unexpected), ("+1", .unexpected), ("'a'", .unexpected), ("\u{FEFF}1", .unexpected),
            ("\"a\nb\"", .badString), (#""\x""#, .badString), (#""\u12""#, .badString), (#""\ud83d""#, .badString),
            (#""\ud83dA""#, .badString), (#""\ude00""#, .badString), ("{\"a\":1,\"a\":2}", .duplicateMember),
            (#"{"a":1,"\u0061":2}"#, .duplicateMember),
        ] as [(String, JSONError.Problem)])
    func `is refused if the API does not accept it`(text: String, expected: JSONError.Problem) {
        #expect(problem(text) == expected)
    }

    @Test func `is UTF-8`() {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
        #expect(error?.problem == .notUTF8)
    }

    @Test func `is at most 16 levels deep`() {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(problem(nested(16)) == nil)
        #expect(problem(nested(17)) == .tooDeep)
        #expect(problem(String(repeating: "[", count: 100_000)) == .tooDeep)
    }

    @Test func `is written without spaces and reads back the same`() throws {
        let value: JSON = ["a": [1, true, nil], "b\"\\\n\u{1}\u{7F}": "é"]
        #expect(String(decoding: value.bytes, as: UTF8.self) == #"{"a":[1,true,null],"b\"\\\n\u0001\u007f":"é"}"#)
        #expect(try JSON(parsing: value.bytes) == value)
    }
}
