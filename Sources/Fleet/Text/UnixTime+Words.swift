// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Times for people: in UTC, with dates in the order of the reader's language.
extension UnixTime {
    /// Date and time, in UTC, in the order of the reader's language.
    public var phrase: Phrase {
        let (date, time) = dateAndTime
        let parts = date.split(separator: "-")
        return "\(parts[0])-\(parts[1])-\(parts[2]) \(time)"
    }

    /// `18:07`, in UTC.
    public var clock: Phrase { Phrase(verbatim: String(dateAndTime.time.prefix(5))) }

    /// `11-22`, in UTC.
    public var monthAndDay: Phrase {
        let parts = dateAndTime.date.split(separator: "-")
        return "\(parts[1])-\(parts[2])"
    }

    /// `2026-11-22 18:07`, in UTC, in the order of the reader's language.
    public var minute: Phrase {
        let parts = dateAndTime.date.split(separator: "-")
        return "\(parts[0])-\(parts[1])-\(parts[2]) \(clock)"
    }

    /// "just now", "4 s ago", "3 min ago", "2 h ago" or "5 d ago". A future time gives "in 3 d".
    public func relative(to now: UnixTime) -> Phrase {
        let age = now.seconds(since: self)
        switch age {
        // Clocks are read one after another, so an observed time may be slightly ahead of `now`.
        case -2...1: return "just now"
        // Whole phrases, because a language may write days differently after "ago" and "in".
        case Amount.shortestDays...: return "\(Amount.days(age)) d ago"
        case 2...: return "\(Amount.age(age)) ago"
        case ...(-Amount.shortestDays): return "in \(Amount.days(-age)) d"
        default: return "in \(Amount.age(-age))"
        }
    }
}
