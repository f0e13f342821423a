// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// Names of rows that people and programs see: random, so that they tell neither number nor order.
enum Identifier {
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".unicodeScalars)

    /// 16 characters, 80 bits; lower case letters and digits without l, o, 0 and 1.
    static func random() -> String {
        var text = String.UnicodeScalarView()
        for byte in SecureRandom.bytes(16) { text.append(alphabet[Int(byte & 31)]) }
        return String(text)
    }
}
