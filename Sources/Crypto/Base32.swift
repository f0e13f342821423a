// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Base32 (RFC 4648 6) without padding, as authenticator apps and recovery codes use it.
public enum Base32 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Five bits per digit; the last digit is padded with zero bits.
    public static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var (held, count) = (0, 0)
        for byte in bytes {
            held = held << 8 | Int(byte)
            count += 8
            while count >= 5 {
                count -= 5
                result.append(digits[held >> count & 31])
            }
            held &= (1 << count) - 1
        }
        if count > 0 { result.append(digits[held << (5 - count) & 31]) }
        return String(decoding: result, as: UTF8.self)
    }

    /// Decodes digits in either case; nil for other characters and for non-zero bits left over at the end.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var result: [UInt8] = []
        var (held, count) = (0, 0)
        for character in text.utf8 {
            let upper = (97...122).contains(character) ? character - 32 : character
            guard let value = digits.firstIndex(of: upper) else { return nil }
            held = held << 5 | value
            count += 5
            if count >= 8 {
                count -= 8
                result.append(UInt8(held >> count & 0xFF))
            }
            held &= (1 << count) - 1
        }
        return count < 5 && held == 0 ? result : nil
    }
}
