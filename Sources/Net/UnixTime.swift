// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Wall-clock time: whole seconds since 1970-01-01 00:00:00 UTC. `UnixTime.now()` in Linux reads the clock; only the commands call it.
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Negative before 1970.
    public var seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// This time plus `seconds`, which may be negative. Saturates at the ends of the range.
    public func adding(seconds: Int64) -> UnixTime {
        let (sum, overflow) = self.seconds.addingReportingOverflow(seconds)
        return UnixTime(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// Whole seconds from `earlier` to this time; negative when `earlier` is later. Saturates at the ends of the range.
    public func seconds(since earlier: UnixTime) -> Int64 {
        let (difference, overflow) = seconds.subtractingReportingOverflow(earlier.seconds)
        return overflow ? (seconds < 0 ? .min : .max) : difference
    }

    public static func < (a: Self, b: Self) -> Bool { a.seconds < b.seconds }
}

/// Conversion between time and text: UTC, proleptic Gregorian calendar.
extension UnixTime {
    /// `2026-11-22 18:07:34`, in UTC.
    public var text: String {
        let (date, time) = dateAndTime
        return "\(date) \(time)"
    }

    /// `2026-11-22T18:07:34Z` (RFC 3339).
    public var iso: String {
        let (date, time) = dateAndTime
        return "\(date)T\(time)Z"
    }

    /// Parses `2027-01-31`, `2027-01-31 18:00` and `2027-01-31 18:00:30`, also with T and Z, and all of RFC 3339. Nil for dates that do not
    /// exist.
    public init?(text: String) {
        if let moment = UnixTime(rfc3339: text) {
            self = moment
            return
        }
        var fields = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        if fields.count == 1 { fields = text.split(separator: " ", maxSplits: 1) }
        guard let date = fields.first, let day = Self.day(date) else { return nil }
        let clock = fields.count < 2 ? "00:00" : fields[1].last == "Z" ? fields[1].dropLast() : fields[1]
        guard let seconds = Self.clock(clock) else { return nil }
        self.init(seconds: day * 86_400 + seconds)
    }

    /// Parses `2027-01-31T18:00:30Z` or `2027-01-31T19:00:30.5+01:00` (RFC 3339 5.6). Ignores fractions of a second.
    public init?(rfc3339 text: String) {
        let fields = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard fields.count == 2, let day = Self.day(fields[0]), fields[1].utf8.count >= 9 else { return nil }
        var (clock, offset) = (fields[1], Int64(0))
        if clock.last == "Z" {
            clock.removeLast()
        } else {
            let zone = clock.suffix(6)
            guard let sign = zone.first, sign == "+" || sign == "-", zone.count == 6, let seconds = Self.clock(zone.dropFirst()) else { return nil }
            offset = sign == "+" ? seconds : -seconds
            clock = clock.dropLast(6)
        }
        let parts = clock.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].utf8.count == 8, let seconds = Self.clock(parts[0]),
            parts.count == 1 || !parts[1].isEmpty && parts[1].utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        self.init(seconds: day * 86_400 + seconds - offset)
    }

    /// Parses `18:00` or `18:00:30` into seconds since midnight.
    private static func clock(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { number($0, digits: 2) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1], hour < 24, minute < 60,
            let second = parts.count == 3 ? parts[2] : 0, second < 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// The date and the time as separate texts, `2026-11-22` and `18:07:34`, in UTC. The years are those that can be written in four digits:
    /// a time before the year 0 or after the year 9999 gives the first or last second of them.
    public var dateAndTime: (date: String, time: String) {
        let seconds = min(max(seconds, Self.first), Self.last)
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - day * 86_400
        let (year, month, dayOfMonth) = Self.civil(day)
        return (
            "\(Self.padded(year, 4))-\(Self.padded(month))-\(Self.padded(dayOfMonth))",
            "\(Self.padded(rest / 3600)):\(Self.padded(rest / 60 % 60)):\(Self.padded(rest % 60))"
        )
    }

    /// 0000-01-01 00:00:00 and 9999-12-31 23:59:59.
    private static let (first, last): (Int64, Int64) = (-62_167_219_200, 253_402_300_799)

    /// Parses `YYYY-MM-DD` into days since 1970-01-01. Counts years from March, so that the leap day is the last day of the year.
    private static func day(_ text: Substring) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[0], digits: 4), let month = number(parts[1], digits: 2),
            let day = number(parts[2], digits: 2), (1...12).contains(month), day >= 1, year >= 1
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let result = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return civil(result) == (year, month, day) ? result : nil
    }

    /// The date of a day, counted in days since 1970-01-01.
    public static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * index + 2) / 5 + 1)
    }

    private static func number(_ text: Substring, digits: Int) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }

    private static func padded(_ number: Int64, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
