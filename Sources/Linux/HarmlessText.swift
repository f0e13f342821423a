// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension Unicode.Scalar {
    /// False for characters that a terminal or log reader would interpret instead of showing: control characters (C0, DEL, C1), line and
    /// paragraph separators, and controls of the writing direction (Unicode Annex 9), which can disguise a line as another one.
    public var isHarmless: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}

extension StringProtocol {
    /// The text with each harmful character replaced by an escape such as `\u{1B}` or `\n`. Text from outside is stored unchanged and
    /// passes through here on its way to a terminal or a log.
    public var harmless: String {
        guard unicodeScalars.contains(where: { !$0.isHarmless }) else { return String(self) }
        return unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: scalar.isHarmless ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }.joined()
    }
}
