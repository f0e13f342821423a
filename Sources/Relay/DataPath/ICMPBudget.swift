// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How many ICMP errors a peer may be sent: one a second, six at once, as Linux does (icmp_ratelimit; WG-H-9).
struct ICMPBudget: ~Copyable {
    private static let burst: UInt64 = 6
    private static let interval: UInt64 = 1_000_000_000

    /// Per peer, the moment from which on its bucket has been filling.
    private let filledFrom = Slab<UInt64>(capacity: SharedState.peerLimit)

    func allows(_ peer: UInt32, now: Instant) -> Bool {
        let cell = filledFrom.at(peer)
        let oldest = now.nanoseconds > Self.burst * Self.interval ? now.nanoseconds - Self.burst * Self.interval : 0
        let from = max(cell.pointee, oldest)
        guard now.nanoseconds >= from + Self.interval else { return false }
        cell.pointee = from + Self.interval
        return true
    }
}
