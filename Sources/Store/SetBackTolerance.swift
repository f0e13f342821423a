// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension UnixTime {
    /// Seconds by which the clock may be set back without ending what was begun since: time servers correct by less. Beyond that a session or
    /// a link that seems to come from the future is over, since nobody could say when it would end.
    static let setBackTolerance: Int64 = 5 * 60

    /// The latest end that something may have which lives for `lifetime` seconds and was not begun in the future.
    func latestEnd(ofLifetime lifetime: Int64) -> UnixTime { adding(seconds: lifetime + Self.setBackTolerance) }
}
