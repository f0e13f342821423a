// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Reads the clocks once for each turn, and writes the date anew only when the second has changed.
struct MomentClock {
    private var second: Int64 = -1
    private var date: [UInt8] = []

    mutating func moment() -> Moment {
        let time = UnixTime.now().seconds
        if time != second {
            second = time
            date = Array(HTTPDate.format(time).utf8)
        }
        return Moment(now: Instant.now(), date: date)
    }
}
