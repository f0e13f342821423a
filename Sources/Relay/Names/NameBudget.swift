// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Limits the questions for names that one worker answers while it also relays packets, so that these lose at most a twentieth of their
/// throughput. An answer takes about as long as a small packet: it is decrypted, looked up and encrypted again.
///
/// Counted in windows of ten milliseconds, by what the worker did in the window before. One that relayed little has time for any number of
/// questions. One that is busy answers one for every 25 packets, of one peer at most a quarter of them.
struct NameBudget: ~Copyable {
    private static let window: UInt64 = 10_000_000
    /// From this many packets a window, the worker is busy: 20,000 a second take a few hundredths of a core.
    static let busy: UInt64 = 200
    static let packetsPerAnswer: UInt64 = 25
    /// What a window has in any case, and a peer in it: 2,000 answers a second take less than a hundredth of a core.
    static let least: UInt64 = 20
    static let leastPerPeer: UInt64 = 5

    private var number: UInt64 = 0
    private var routedBefore: UInt64 = 0
    private var answered: UInt64 = 0
    private var limit = UInt64.max
    /// Per peer, the window of its last question, and in the lower half how many it asked in it.
    private let peers = Slab<UInt64>(capacity: SharedState.peerSlotCount)

    /// Takes one answer from the budget. `routed` is how many packets the worker has routed since it began, its answers included.
    mutating func allows(_ peer: UInt32, routed: UInt64, now: Instant) -> Bool {
        let current = now.nanoseconds / Self.window
        if current != number { begin(current, routed: routed) }
        answered += 1
        guard limit != .max else { return true }
        let cell = peers.at(peer)
        let asked = cell.pointee >> 32 == current & 0xFFFF_FFFF ? cell.pointee & 0xFFFF_FFFF : 0
        cell.pointee = current << 32 | (asked + 1)
        return answered <= limit && asked < max(limit / 4, Self.leastPerPeer)
    }

    private mutating func begin(_ current: UInt64, routed: UInt64) {
        // Answers count as routed too.
        let relayed = (routed - routedBefore) - min(answered, routed - routedBefore)
        let windows = max(1, current - number)
        limit = relayed / windows < Self.busy ? .max : max(Self.least, relayed / windows / Self.packetsPerAnswer)
        (number, routedBefore, answered) = (current, routed, 0)
    }
}
