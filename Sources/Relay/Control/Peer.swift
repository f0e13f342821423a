// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import WireGuard

/// A peer's state on the control side: configuration, handshake, timers and its three keypairs. Workers see only the `SharedPeer` of its
/// slot. A class, so that every function changes it in place.
final class Peer {
    /// The peer's number throughout the engine: in the shared tables, the forwarding table and the drop counters.
    let slot: UInt32
    var configuration: PeerConfiguration
    var handshake: PeerHandshake
    var timers: PeerTimers
    /// The keypairs, by slot.
    var keypairs = Keypairs<UInt32>()
    /// The timestamp of our last initiation to this peer; the next one must be later (WG-T-3).
    var timestampSent: Timestamp
    /// When a handshake last completed, Unix seconds (WG-U-5b).
    private(set) var lastHandshake: Int64?
    /// Handshakes since then that led to nothing.
    var attempts = HandshakeAttempts()
    /// Where the peer was before another machine came with its key.
    var firstNetwork = FirstNetwork()

    init(slot: UInt32, configuration: PeerConfiguration, memory: PeerMemory, jitter: Duration) {
        self.slot = slot
        self.configuration = configuration
        handshake = PeerHandshake(
            publicKey: configuration.publicKey, presharedKey: configuration.presharedKey,
            greatestTimestamp: memory.greatestTimestamp.flatMap { Timestamp($0) } ?? .zero)
        timers = PeerTimers(jitter: jitter)
        timestampSent = memory.timestampSent.flatMap { Timestamp($0) } ?? .zero
    }

    /// Whether the peer may connect.
    var isEnabled: Bool { configuration.isEnabled }

    /// The keepalive interval for its timers: zero while the peer is disabled.
    var persistentKeepalive: Duration { isEnabled ? configuration.persistentKeepalive : .zero }

    /// A handshake is complete and its keypair is in use.
    func complete() {
        timers.handshakeCompleted()
        attempts = HandshakeAttempts()
        lastHandshake = UnixTime.now().seconds
    }
}
