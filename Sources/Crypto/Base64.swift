// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Base64 of RFC 4648 section 4, with padding, as WireGuard keys are written. Decoding is strict and in constant time per length.
public enum Base64 {
    /// Four characters for every three bytes; the last four are padded with `=`.
    public static func encode(_ bytes: [UInt8]) -> String {
        let capacity = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
        return String(unsafeUninitializedCapacity: capacity) { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                _ = sodium_bin2base64($0.baseAddress!, capacity, bytes, bytes.count, sodium_base64_VARIANT_ORIGINAL)
            }
            return capacity - 1
        }
    }

    /// Nil for a character outside the alphabet, wrong padding, or unused bits that are not zero.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let input = Array(text.utf8)
        guard input.count % 4 == 0 else { return nil }
        guard !input.isEmpty else { return [] }
        var length = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: input.count) { buffer, filled in
            let result = input.withUnsafeBytes { raw in
                sodium_base642bin(
                    buffer.baseAddress!, buffer.count, raw.baseAddress!.assumingMemoryBound(to: CChar.self), input.count,
                    nil, &length, nil, sodium_base64_VARIANT_ORIGINAL)
            }
            filled = result == 0 ? length : 0
        }
        return bytes.isEmpty || encode(bytes).utf8.elementsEqual(input) == false ? nil : bytes
    }
}

/// Bytes as hexadecimal digits in lower case (RFC 4648 section 8).
public enum Hex {
    /// Two digits for each byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.underestimatedCount)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
