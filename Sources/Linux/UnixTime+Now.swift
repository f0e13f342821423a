// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension UnixTime {
    /// Reads CLOCK_REALTIME, rounded down to whole seconds. clock_gettime(2)
    public static func now() -> UnixTime { UnixTime(seconds: WallTime.now().seconds) }
}
