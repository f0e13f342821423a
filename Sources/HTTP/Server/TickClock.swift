// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

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
