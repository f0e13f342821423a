// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Limits the ICMP errors sent to one peer: one per second with bursts of six, as Linux does (icmp_ratelimit; WG-H-9).
struct ICMPBudget: ~Copyable {
    private static let burst: UInt64 = 6
    private static let interval: UInt64 = 1_000_000_000

    /// Per peer, when its bucket started to fill.
    private let filledFrom = Slab<UInt64>(capacity: SharedState.peerSlotCount)

    func allows(_ peer: UInt32, now: Instant) -> Bool {
        let cell = filledFrom.at(peer)
        let oldest = now.nanoseconds > Self.burst * Self.interval ? now.nanoseconds - Self.burst * Self.interval : 0
        let from = max(cell.pointee, oldest)
        guard now.nanoseconds >= from + Self.interval else { return false }
        cell.pointee = from + Self.interval
        return true
    }
}
