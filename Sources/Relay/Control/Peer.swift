// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import WireGuard

/// A peer as the control side keeps it: configuration, handshake, timers and the three places of its keypairs. What workers share of it is the
/// `SharedPeer` of its slot. An object, so that each step works on it where it is.
final class Peer {
    /// Its number everywhere in the engine: in the shared tables, in the forwarding table and in what was dropped for whom.
    let slot: UInt32
    var configuration: PeerConfiguration
    var handshake: PeerHandshake
    var timers: PeerTimers
    /// By their slots.
    var keypairs = Keypairs<UInt32>()
    /// The timestamp of our last initiation to it; the next one must be later (WG-T-3).
    var timestampSent: Timestamp
    /// When a handshake last completed, Unix seconds (WG-U-5b).
    private(set) var lastHandshake: Int64?

    init(slot: UInt32, configuration: PeerConfiguration, memory: PeerMemory, jitter: Duration) {
        self.slot = slot
        self.configuration = configuration
        handshake = PeerHandshake(
            publicKey: configuration.publicKey, presharedKey: configuration.presharedKey,
            greatestTimestamp: memory.greatestTimestamp.flatMap { Timestamp($0) } ?? .zero)
        timers = PeerTimers(jitter: jitter)
        timestampSent = memory.timestampSent.flatMap { Timestamp($0) } ?? .zero
    }

    /// Whether it may have a connection at all.
    var isEnabled: Bool { configuration.isEnabled }

    /// What its timer goes by: off while it is disabled.
    var persistentKeepalive: Duration { isEnabled ? configuration.persistentKeepalive : .zero }

    /// A handshake is complete: its keypair is in use.
    func complete() {
        timers.handshakeCompleted()
        lastHandshake = UnixClock.seconds()
    }
}
