// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// How browsers store a response (RFC 6266).
public enum ContentDisposition {
    /// The value for a download under `name`, which contains letters, digits and `_=+.-` only. Browsers take `fullName` instead, if it is given; it may
    /// contain any characters (RFC 8187).
    public static func attachment(_ name: String, fullName: String? = nil) -> String {
        let plain = String(decoding: name.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
        return "attachment; filename=\"\(plain)\"" + (fullName.map { "; filename*=UTF-8''\(encoded($0))" } ?? "")
    }

    /// Percent-encodes everything but the `attr-char` of RFC 8187 3.2.1.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            isAlphanumeric(byte) || "!#$&+-.^_`|~".utf8.contains(byte)
                ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "_=+.-".utf8.contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) }
}
