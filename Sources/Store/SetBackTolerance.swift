// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension UnixTime {
    /// Seconds by which the clock may be set back without ending sessions and links that began since. Time servers correct by less. A
    /// session or link that begins further in the future is invalid, because its end would be unknown.
    static let setBackTolerance: Int64 = 5 * 60

    /// The latest valid end of something with this lifetime in seconds. A later end means that it began in the future.
    func latestEnd(ofLifetime lifetime: Int64) -> UnixTime { adding(seconds: lifetime + Self.setBackTolerance) }
}
