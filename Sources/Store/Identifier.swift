// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// Random ids for rows that people and programs see. They reveal neither the number nor the order of rows.
enum Identifier {
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".unicodeScalars)

    /// 16 random characters with 80 bits: lower-case letters and digits except l, o, 0 and 1.
    static func random() -> String {
        var text = String.UnicodeScalarView()
        for byte in SecureRandom.bytes(16) { text.append(alphabet[Int(byte & 31)]) }
        return String(text)
    }
}
