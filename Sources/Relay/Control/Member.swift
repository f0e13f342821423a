// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import WireGuard

/// A peer as the control side keeps it: configuration, handshake, timers and the three places of its sessions (WG-S-3).
struct Member {
    var configuration: PeerConfiguration
    var peer: Peer
    var timers: PeerTimers
    /// Session slots. `current` is sent with, `previous` still opens late packets, `next` waits for the first packet under it.
    var current: UInt32?
    var previous: UInt32?
    var next: UInt32?
    /// The timestamp of our last initiation to it; the next one must be later (WG-T-3).
    var timestampSent = Timestamp.zero
    /// When a handshake last completed, Unix seconds (WG-U-5b).
    var lastHandshake: Int64?

    /// A handshake is complete: its session is in use.
    mutating func complete() {
        timers.handshakeCompleted()
        lastHandshake = WallClock.seconds()
    }

    var sessions: [UInt32] { [current, previous, next].compactMap { $0 } }
}
