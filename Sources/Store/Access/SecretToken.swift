// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// A random secret that is shown once and stored as its SHA-256: `hub_`, its kind, `_`, 256 random bits as 43 base-62 digits, and the
/// CRC-32 of all that as 6 more. The prefix lets secret scanners find it, the checksum tells junk apart without a look-up.
public struct SecretToken: Sendable, CustomStringConvertible {
    /// What it opens. A token of one kind is none of another.
    public enum Kind: String, Sendable {
        case api
        case session
        case login
        case setup
        case link
    }

    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let secretDigitCount = 43
    private static let checksumDigitCount = 6

    /// What it opens.
    public let kind: Kind
    private let text: String

    /// A new one.
    static func generate(_ kind: Kind) -> SecretToken {
        let body = "hub_\(kind.rawValue)_" + base62(SecureRandom.bytes(32), digitCount: secretDigitCount)
        return SecretToken(kind: kind, text: body + checksum(of: body))
    }

    private init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// Nil for anything that is not a token of this kind, such as one with a typing error.
    public init?(_ text: String, kind: Kind) {
        let prefix = "hub_\(kind.rawValue)_"
        let body = text.dropLast(Self.checksumDigitCount)
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + Self.secretDigitCount + Self.checksumDigitCount,
            text.utf8.count == text.count, Self.checksum(of: String(body)) == text.suffix(Self.checksumDigitCount)
        else { return nil }
        self.init(kind: kind, text: text)
    }

    /// The token itself, to be shown once. The only way to see it.
    public func reveal() -> String { text }

    /// Its last four characters, to tell tokens apart in a list.
    public var hint: String { String(text.suffix(4)) }

    /// What the database holds and looks it up by: with 256 random bits a fast hash is enough.
    var hash: SQLValue { .blob(Digest.sha256(text)) }

    public var description: String { "SecretToken(\(kind.rawValue), hidden)" }

    private static func checksum(of text: String) -> String {
        let value = CRC32.checksum(text.utf8)
        return base62((0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }, digitCount: checksumDigitCount)
    }

    /// The big-endian number in `bytes`, with leading zeros to a fixed width.
    static func base62(_ bytes: [UInt8], digitCount: Int) -> String {
        var number = bytes
        var result: [UInt8] = []
        for _ in 0..<digitCount {
            var remainder = 0
            for position in number.indices {
                let value = remainder << 8 | Int(number[position])
                number[position] = UInt8(value / 62)
                remainder = value % 62
            }
            result.append(digits[remainder])
        }
        return String(decoding: result.reversed(), as: UTF8.self)
    }
}
