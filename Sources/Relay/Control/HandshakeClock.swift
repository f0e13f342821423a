// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import WireGuard

/// The timestamps of our initiations: wall-clock time, but never earlier than a timestamp sent before, because peers would reject it
/// (WG-T-3, WG-T-5).
struct HandshakeClock {
    private(set) var greatestSent = Timestamp.zero

    /// Records a timestamp that was sent, possibly before a restart.
    mutating func note(_ sent: Timestamp) { greatestSent = max(greatestSent, sent) }

    /// The wall-clock time, or the greatest timestamp sent if that is later, but always newer than `last`, the last one sent to this peer.
    /// Initiations within one step of the clock share a timestamp, so that many of them do not push the hub's timestamps ahead of the
    /// clock.
    mutating func next(after last: Timestamp) -> Timestamp {
        let now = max(Timestamp(unixNanoseconds: UnixTime.nowInNanoseconds()), greatestSent)
        let next = now > last ? now : last.next
        note(next)
        return next
    }

    /// How far the wall clock is behind the greatest timestamp, in whole seconds.
    var lag: Duration {
        let now = Timestamp(unixNanoseconds: UnixTime.nowInNanoseconds())
        return greatestSent > now ? .seconds(Int64(clamping: greatestSent.seconds - now.seconds)) : .zero
    }
}
