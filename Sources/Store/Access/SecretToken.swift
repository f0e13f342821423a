// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A random secret that is shown once and stored as a SHA-256 hash. Format: `hub_`, the kind, `_`, 256 random bits as 43 base-62 digits,
/// and a CRC-32 of all that as 6 more digits. Secret scanners recognise the prefix. The checksum detects invalid tokens without a database
/// lookup.
public struct SecretToken: Sendable, CustomStringConvertible {
    /// The purpose of a token. A token of one kind is not valid for another.
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

    /// The purpose of this token.
    public let kind: Kind
    private let text: String

    /// Generates a random token.
    static func generate(_ kind: Kind) -> SecretToken {
        let body = "hub_\(kind.rawValue)_" + base62(SecureRandom.bytes(32), digitCount: secretDigitCount)
        return SecretToken(kind: kind, text: body + checksum(of: body.utf8))
    }

    private init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// Parses a token. Nil if `text` is not a token of this kind or contains a typing error.
    public init?(_ text: String, kind: Kind) {
        let (bytes, prefix) = (text.utf8, "hub_\(kind.rawValue)_".utf8)
        guard bytes.count == prefix.count + Self.secretDigitCount + Self.checksumDigitCount, bytes.starts(with: prefix),
            bytes.allSatisfy({ $0 < 0x80 }),
            Self.checksum(of: bytes.dropLast(Self.checksumDigitCount)).utf8.elementsEqual(bytes.suffix(Self.checksumDigitCount))
        else { return nil }
        self.init(kind: kind, text: text)
    }

    /// The token itself, to be shown once. There is no other way to read it.
    public func reveal() -> String { text }

    /// The last four characters, which identify a token in a list.
    public var hint: String { String(text.suffix(4)) }

    /// The stored hash, also used for lookups. With 256 random bits, a fast hash is sufficient.
    var hash: SQLValue { .blob(Digest.sha256(text)) }

    public var description: String { "SecretToken(\(kind.rawValue), hidden)" }

    private static func checksum(of bytes: some Sequence<UInt8>) -> String {
        let value = CRC32.checksum(bytes)
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
