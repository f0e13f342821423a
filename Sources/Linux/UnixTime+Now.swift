// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension UnixTime {
    /// Reads CLOCK_REALTIME and leaves out the part of the second. clock_gettime(2)
    public static func now() -> UnixTime { UnixTime(seconds: WallTime.now().seconds) }
}
