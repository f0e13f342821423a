// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CCommonPasswords

/// About 100,000 common passwords, words and names, each with a band of its rank (Sources/Libraries/CommonPasswords). The list is read where it lies
/// in the program: a search takes some ten milliseconds and no memory that stays.
enum CommonPasswords {
    /// The longest entry in bytes.
    static let maximumLength = 40

    /// How common an entry is.
    enum Band: UInt8 {
        case first100, first1000, first10000, others

        /// The guesses that somebody needs who tries entries in the order of their rank, as a power of two.
        var bits: Double {
            switch self {
            case .first100: 7
            case .first1000: 10
            case .first10000: 13.3
            case .others: 16.6
            }
        }
    }

    /// The entries among `candidates`, which are ASCII in lower case.
    static func bands(of candidates: Set<[UInt8]>) -> [[UInt8]: Band] {
        var found: [[UInt8]: Band] = [:]
        forEach { word, band in
            if candidates.contains(word) { found[word] = band }
        }
        return found
    }

    /// Every entry in alphabetical order.
    static func forEach(_ body: ([UInt8], Band) -> Void) {
        var word: [UInt8] = []
        var index = 0
        while index < common_password_byte_count() {
            let head = common_password_byte(index)
            guard let band = Band(rawValue: head >> 6) else { return }
            word.removeLast(word.count - min(word.count, Int(head & 0x3F)))
            var byte: UInt8 = 0
            repeat {
                index += 1
                byte = common_password_byte(index)
                word.append(byte & 0x7F)
            } while byte & 0x80 == 0 && index < common_password_byte_count()
            index += 1
            body(word, band)
        }
    }
}
