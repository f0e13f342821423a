// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// `Sun, 06 Nov 1994 08:49:37 GMT`: IMF-fixdate, the only form that a server may write (RFC 9110 5.6.7).
public enum HTTPDate {
    /// `seconds` since 1970-01-01 00:00 UTC; years 1 to 9999.
    public static func format(_ seconds: Int64) -> String {
        let (days, second) = floorDivide(seconds, 86_400)
        let (year, month, day) = UnixTime.civil(days)
        let weekday = weekdays[Int(floorDivide(days + 4, 7).remainder)]
        let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(weekday), \(padded(day, 2)) \(months[Int(month) - 1]) \(padded(year, 4)) \(time) GMT"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

/// Reads the clocks once per turn, and formats the date only when the second has changed.
struct TickClock {
    private var second: Int64 = -1
    private var date: [UInt8] = []

    mutating func tick() -> Tick {
        let time = UnixTime.now().seconds
        if time != second {
            second = time
            date = Array(HTTPDate.format(time).utf8)
        }
        return Tick(now: Instant.now(), date: date)
    }
}
