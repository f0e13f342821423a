// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Tracks deadlines also with a clock that cannot be set. If the system clock is set back, no wait becomes longer.
struct DeadlineWatch {
    /// The deadline of an item.
    struct Deadline {
        let id: String
        let at: UnixTime
        /// The longest wait in seconds, for an item that is seen for the first time.
        let longest: Int64
    }

    private struct Key: Hashable {
        let id: String
        let at: UnixTime
    }

    private var ends: [Key: ContinuousClock.Instant] = [:]

    /// The items of `all` that have reached their deadline on either clock. An item that is seen for the first time, or with another deadline, waits
    /// until its deadline, up to its longest wait.
    mutating func due<Item>(
        _ all: [Item], at now: UnixTime, _ moment: ContinuousClock.Instant, _ deadline: (Item) -> Deadline
    ) -> [Item] {
        let deadlines = all.map(deadline)
        ends = deadlines.reduce(into: [:]) { seen, deadline in
            let left = min(max(0, deadline.at.seconds(since: now)), deadline.longest)
            let key = Key(id: deadline.id, at: deadline.at)
            seen[key] = ends[key] ?? moment.advanced(by: .seconds(left))
        }
        return zip(all, deadlines).filter { $1.at <= now || ends[Key(id: $1.id, at: $1.at)].map { $0 <= moment } ?? false }.map(\.0)
    }
}
