// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import WireGuard

/// The replay window with counters that arrive in order.
enum ReplayBenchmarks {
    static func run() {
        var window = ReplayWindow()
        var counter: UInt64 = 0
        Measurement.of("replay window, in order") { count in
            var accepted = 0
            for _ in 0..<count {
                if window.accept(counter) == .accepted { accepted += 1 }
                counter += 1
            }
            return accepted
        }
    }
}
