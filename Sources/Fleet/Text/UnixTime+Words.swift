// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A time as people read it: UTC, in the order that their language writes dates.
extension UnixTime {
    /// The same as the language writes dates.
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

    /// `2026-11-22 18:07`, in UTC, as the language writes it.
    public var minute: Phrase {
        let parts = dateAndTime.date.split(separator: "-")
        return "\(parts[0])-\(parts[1])-\(parts[2]) \(clock)"
    }

    /// "just now", "4 s ago", "3 min ago", "2 h ago", "5 d ago"; a moment ahead says "in 3 d".
    public func relative(to now: UnixTime) -> Phrase {
        let age = now.seconds(since: self)
        switch age {
        // Clocks are read one after the other: what was seen may lie a little ahead.
        case -2...1: return "just now"
        case 2...: return "\(Amount.age(age)) ago"
        default: return "in \(Amount.age(-age))"
        }
    }
}
