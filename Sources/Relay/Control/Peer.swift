// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import WireGuard

/// A peer as the control side keeps it: configuration, handshake, timers and the three places of its keypairs (protocol.md S-3).
struct Peer {
    var configuration: PeerConfiguration
    var handshake: PeerHandshake
    var timers: PeerTimers
    /// By their slots.
    var keypairs = Keypairs<UInt32>()
    /// The timestamp of our last initiation to it; the next one must be later (T-3).
    var timestampSent = Timestamp.zero
    /// When a handshake last completed, Unix seconds (U-5b).
    var lastHandshake: Int64?

    /// A handshake is complete: its keypair is in use.
    mutating func complete() {
        timers.handshakeCompleted()
        lastHandshake = UnixClock.seconds()
    }
}
