// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

// The byte classes of RFC 9110 5.6.

extension UInt8 {
    /// RFC 9110 5.6.2 tchar.
    var isToken: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// True for bytes that a field value may contain: visible ASCII, space, tab and 8-bit bytes (RFC 9110 5.5).
    var isFieldValue: Bool { self >= 0x20 && self != 0x7F || self == .tab }
}
