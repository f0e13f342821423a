// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The fields that give a link an end: `duration` is a number of seconds, `until` for the time in the field of that name, or empty for no end.
enum TimedForm {
    static let fields: Set<String> = ["duration", "until", "reason", "request"]

    /// The lifetimes to choose from, in seconds.
    static let choices: [(seconds: Int64, label: Phrase)] = [
        (3_600, "1 hour"), (7_200, "2 hours"), (86_400, "1 day"), (604_800, "1 week"),
    ]

    /// What the fields say; nil if the link has no end. Adds errors to `inputs`.
    static func grant(_ inputs: inout Inputs, now: UnixTime) -> TimedGrant? {
        let (duration, until) = (inputs.text("duration"), inputs.text("until"))
        guard inputs.text("do") != "unlink", !duration.isEmpty || !until.isEmpty else { return nil }
        let request = inputs.text("request")
        var grant = TimedGrant(endsAt: now, reason: inputs.text("reason"), request: request.isEmpty ? nil : request)
        if duration.isEmpty || duration == "until" {
            guard let end = inputs.read("until", or: nil, Entry.moment) else {
                if inputs.message("until").isEmpty { inputs.refuse("until", "Give the end as 2027-01-31 or 2027-01-31 18:00, in UTC.") }
                return nil
            }
            grant.endsAt = end
        } else if !until.isEmpty {
            inputs.refuse("until", "Choose either a time or a date: empty this field, or choose “until a date”.")
        } else if let seconds = seconds(&inputs) {
            grant.endsAt = now.adding(seconds: seconds)
        }
        return grant
    }

    /// The chosen number of seconds. Adds an error if none was chosen.
    static func seconds(_ inputs: inout Inputs) -> Int64? {
        if let seconds = Entry.number(inputs.text("duration")), seconds > 0 { return Int64(seconds) }
        inputs.refuse("duration", "Choose how long.")
        return nil
    }

    /// For a list of choices. `withoutEnd` adds those for no end and for a date.
    static func options(_ inputs: Inputs, withoutEnd: Bool = false) -> [Choice] {
        let chosen = inputs.text("duration")
        var all = choices.map { (value: String($0.seconds), label: $0.label) }
        // What somebody asked for may be another number.
        if let seconds = Entry.number(chosen), !all.contains(where: { $0.value == chosen }) {
            all.insert((chosen, Amount.age(Int64(seconds))), at: 0)
        }
        if withoutEnd { all = [("", "without an end")] + all + [("until", "until a date")] }
        return all.map { Choice(value: $0.value, label: $0.label, isChosen: $0.value == chosen) }
    }
}

extension TimedLink {
    /// "ends in 1 h".
    func left(now: UnixTime) -> Phrase { "ends \(endsAt.relative(to: now))" }
}
