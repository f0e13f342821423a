// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import WireGuard

/// The timestamps of our initiations: the wall clock, but never earlier than what was sent before, for peers would reject that (WG-T-3, WG-T-5).
struct HandshakeClock {
    private(set) var greatestSent = Timestamp.zero

    /// A timestamp that was sent, perhaps in an earlier run.
    mutating func note(_ sent: Timestamp) { greatestSent = max(greatestSent, sent) }

    /// The wall clock, or the greatest time that was sent if that is later, and for each peer one that it has not seen. Peers called in one slot
    /// of the clock get the same time, so that many of them do not carry the hub's time ahead of the clock.
    mutating func next(after last: Timestamp) -> Timestamp {
        let now = max(Timestamp(unixNanoseconds: UnixClock.nanoseconds()), greatestSent)
        let next = now > last ? now : last.next
        note(next)
        return next
    }

    /// How far the wall clock is behind the greatest of these times, in whole seconds.
    var lag: Duration {
        let now = Timestamp(unixNanoseconds: UnixClock.nanoseconds())
        return greatestSent > now ? .seconds(Int64(clamping: greatestSent.seconds - now.seconds)) : .zero
    }
}
