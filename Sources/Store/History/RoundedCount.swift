// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A byte count in 16 bits: a 10-bit number and a 6-bit power of two. The error is at most one in a thousand. Exact below 1024.
enum RoundedCount {
    private static let digits = 10

    static func encode(_ count: UInt64) -> UInt16 {
        let width = UInt64.bitWidth - count.leadingZeroBitCount
        guard width > digits else { return UInt16(count) }
        var power = width - digits
        var number = (count >> power) + (count >> (power - 1) & 1)
        if number >> digits != 0 {
            number >>= 1
            power += 1
        }
        return UInt16(power) << digits | UInt16(number)
    }

    static func decode(_ code: UInt16) -> UInt64 {
        let number = UInt64(code & (1 << digits - 1))
        let power = code >> digits
        return number.leadingZeroBitCount >= power ? number << power : .max
    }
}
