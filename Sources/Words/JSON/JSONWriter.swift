// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension JSON {
    /// The value as UTF-8 text without whitespace.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    private func write(to out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): out.append(contentsOf: String(value).utf8)
        case .string(let value): Self.write(value, to: &out)
        case .array(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                value.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, (name, value)) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.write(name, to: &out)
                out.append(UInt8(ascii: ":"))
                value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    /// Writes a string, with quotes, backslashes and control characters escaped (RFC 8259 7).
    private static func write(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        let bytes = text.utf8Span.span
        var start = 0
        for index in bytes.indices where isSpecial(bytes[index]) {
            out.append(bytes.extracting(start..<index))
            start = index + 1
            switch bytes[index] {
            case .lineFeed: out.append(contentsOf: "\\n".utf8)
            case .carriageReturn: out.append(contentsOf: "\\r".utf8)
            case .tab: out.append(contentsOf: "\\t".utf8)
            case let byte where byte < 0x20 || byte == 0x7F:
                out.append(contentsOf: "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
            case let byte: out.append(contentsOf: [UInt8(ascii: "\\"), byte])
            }
        }
        out.append(bytes.extracting(start..<bytes.count))
        out.append(UInt8(ascii: "\""))
    }

    /// True for the bytes that must be escaped, and for DEL, which terminals take for a command.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }
}
