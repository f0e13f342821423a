// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// The words of the map, in its summary, titles and table.
enum MapWords {
    /// The most devices to list by name. For more, the text gives their number.
    private static let namedDevices = 4

    /// `partial` of the pairs that reach each other do so with some services only.
    static func summary(_ devices: Phrase, both: Int, partial: Int = 0, oneSided: Int) -> Phrase {
        let first: Phrase = "\(devices)."
        let second: Phrase = .counting(both, "\(Amount.count(both)) pair reaches each other. | \(Amount.count(both)) pairs reach each other.")
        let third: Phrase =
            oneSided == 0 ? "" : .counting(oneSided, "\(Amount.count(oneSided)) link is one-sided. | \(Amount.count(oneSided)) links are one-sided.")
        let some: Phrase =
            partial == 0
            ? ""
            : .counting(
                partial,
                "The rules let only some services pass for \(Amount.count(partial)) of them. | The rules let only some services pass for \(Amount.count(partial)) of them."
            )
        return [first, second, some, third].joined()
    }

    static func rate(_ rate: Rates.Rate) -> Phrase { "↓ \(Amount.rate(rate.down)) ↑ \(Amount.rate(rate.up))" }

    /// Devices by name, or how many of `all` they are.
    static func devices(_ names: [String], of all: Int) -> Phrase {
        let count = names.count
        if count > namedDevices, count == all { return "all others" }
        if count > namedDevices { return .counting(count, "\(Amount.count(count)) device | \(Amount.count(count)) devices") }
        return names.isEmpty ? "nobody" : Phrase(verbatim: names.joined(separator: ", "))
    }

    /// The share of the pairs that can reach each other.
    static func share(_ count: GroupLinks.Count) -> Phrase {
        let oneSided: Phrase = .counting(
            count.oneSided, "\(Amount.count(count.oneSided)) one-sided link | \(Amount.count(count.oneSided)) one-sided links")
        let both: Phrase =
            if count.pairs == 0 {
                "no pair is enabled"
            } else if count.isWhole {
                "all reach each other"
            } else if count.both == 0 {
                "no pair reaches each other"
            } else {
                "\(Amount.count(count.both)) of \(Amount.count(count.pairs)) pairs reach each other"
            }
        return count.oneSided == 0 ? both : "\(both), \(oneSided)"
    }
}
