// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// Unix time in the two units that the engine needs: nanoseconds for timestamps in initiations, seconds for people.
enum UnixClock {
    static func nanoseconds() -> UInt64 {
        let now = WallTime.now()
        return UInt64(max(0, now.seconds)) * 1_000_000_000 + UInt64(now.nanoseconds)
    }

    static func seconds() -> Int64 { WallTime.now().seconds }
}
