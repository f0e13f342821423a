// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Formats numbers with their units, short enough for a table cell.
public enum Amount {
    /// A number of bytes, such as `0 B`, `812 B`, `1.2 kB`, `80 kB` or `3.4 GB`. Units are powers of 1000.
    public static func bytes(_ count: UInt64) -> Phrase { bytes(count, "") }

    /// `end` is appended to the unit.
    private static func bytes(_ count: UInt64, _ end: String) -> Phrase {
        guard count >= 1000 else { return Phrase(verbatim: String(count) + " " + units[0] + end) }
        var value = Double(count)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return measured(value, units[unit] + end)
    }

    /// A rate in bytes per second, such as `1.2 MB/s`. Zero has no unit.
    public static func rate(_ bytesPerSecond: Double) -> Phrase {
        let count = UInt64(max(0, min(bytesPerSecond, 1e18)).rounded())
        return count == 0 ? "0" : bytes(count, "/s")
    }

    /// A duration in milliseconds, such as `0.8 ms`, `12 ms` or `1204 ms`.
    public static func milliseconds(_ duration: Duration) -> Phrase { measured(Double(duration.nanoseconds) / 1_000_000, "ms") }

    /// An age in the largest unit that fits, such as `4 s`, `3 min`, `2 h` or `5 d`.
    public static func age(_ seconds: Int64) -> Phrase {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<shortestDays: "\(seconds / 3600) h"
        default: "\(days(seconds)) d"
        }
    }

    /// From this number of seconds on, `age` is in days.
    public static let shortestDays: Int64 = 172_800

    /// Whole days in a number of seconds.
    public static func days(_ seconds: Int64) -> Int64 { seconds / 86_400 }

    /// A number with thousands separators, such as `1,204`.
    public static func count(_ number: some BinaryInteger) -> Phrase {
        let digits = String(number)
        guard digits.count > 3 else { return Phrase(verbatim: digits) }
        let thousands = digits.dropLast(3)
        let higher: Phrase = thousands.count > 3 ? count(Int64(thousands) ?? 0) : Phrase(verbatim: String(thousands))
        return Phrase(text: "{1},{2}", arguments: [.phrase(higher), .text(String(digits.suffix(3)))])
    }

    private static let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]

    /// At most three digits, such as 1.2, 12 or 120. Only the decimal separator depends on the language.
    private static func measured(_ value: Double, _ unit: String) -> Phrase {
        guard value < 9.95 else { return Phrase(verbatim: String(Int(value.rounded())) + " " + unit) }
        let tenths = Int((value * 10).rounded())
        guard tenths % 10 != 0 else { return Phrase(verbatim: String(tenths / 10) + " " + unit) }
        return Phrase(text: "{1} {2}", arguments: [.phrase("\(tenths / 10).\(tenths % 10)"), .text(unit)])
    }
}
