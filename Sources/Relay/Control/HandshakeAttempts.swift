// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Handshake messages of one peer since its last session was confirmed. They distinguish a wrong preshared key, and a network that drops our
/// answers, from a device that is off.
struct HandshakeAttempts {
    /// The number of initiations that we answered, and when we answered the last one.
    private(set) var answered: UInt32 = 0
    @Packed private(set) var answeredAt: Instant?
    /// The number of initiations that we sent since the peer was last heard, and when we sent the first and the last one.
    private(set) var called: UInt32 = 0
    @Packed private(set) var calledSince: Instant?
    @Packed private(set) var calledAt: Instant?

    /// We answered an initiation.
    mutating func answered(now: Instant) {
        answered &+= 1
        answeredAt = now
    }

    /// We sent an initiation to a peer that was last heard at `heard`.
    mutating func called(heard: Instant, now: Instant) {
        if calledAt.map({ $0 < heard }) ?? true {
            called = 0
            calledSince = now
        }
        called &+= 1
        calledAt = now
    }
}
