// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// Everything that more than one thread of the engine touches. The list is complete; a new entry needs its rule.
///
/// | what | rule |
/// |---|---|
/// | `snapshot` | replaced by the control side, loaded once per round by workers |
/// | `indices` | written by the control side, read by all |
/// | `sessions` | plain fields written before publication; counters, flags and replay window as noted there |
/// | `peers` | atomics, the path cell, staged packets under their lock |
/// | `moves` | relaxed atomics, written by workers when a peer's address changes |
/// | `counters` | one set per thread, one writer each |
/// | `queue` | handshakes and peer events, under its lock |
/// | `probes` | tokens written by the control side, answers by the worker that sees them; one load a round while there are none |
/// | `trace` | one flag read once per packet; the rest under its lock, only while somebody looks |
/// | `cookieSecret` | under its lock; handshake messages only |
final class SharedState: Sendable {
    /// Peers that one engine can hold (WG-C-9).
    static let peerLimit = 65_536
    /// Previous, current and next of each, and as many that wait for their grace period.
    static let sessionLimit = peerLimit * 4
    /// In the index table, a slot with this bit is a peer whose initiation is under way, else a session.
    static let pendingBit: UInt32 = 1 << 30

    let identity: Identity
    let sockets: SocketGroup
    let snapshot: SnapshotSlot
    let indices = IndexTable(capacity: peerLimit * 4)
    let sessions = Slab<Session>(capacity: sessionLimit)
    let peers = Slab<PeerSlot>(capacity: peerLimit)
    let moves = Slab<MoveCell>(capacity: peerLimit)
    let queue: HandshakeQueue
    let grace: GracePeriod
    let stagedBytes = Atomic<Int>(0)
    let isStopping = Atomic<Bool>(false)
    let cookieSecret = CookieSecret()
    let trace = Trace()
    let probes = ProbeTable()
    let aead: AEADImplementation
    /// Whether devices are told in ICMP why a packet went no further (WG-H-12), and whether relayed packets lose one hop (WG-H-3).
    let sendsICMPErrors: Bool
    let lowersHopLimit: Bool
    /// One per worker, and the last for the control side.
    let counters: [CounterSet]

    init(configuration: EngineConfiguration, sockets: consuming SocketGroup, first: Snapshot) throws(Errno) {
        identity = Identity(privateKey: configuration.privateKey)
        aead = configuration.aead
        sendsICMPErrors = configuration.sendsICMPErrors
        lowersHopLimit = configuration.lowersHopLimit
        counters = (0...sockets.workers).map { _ in CounterSet() }
        grace = GracePeriod(workers: sockets.workers)
        queue = try HandshakeQueue()
        snapshot = SnapshotSlot(first)
        self.sockets = sockets
    }

    /// Files an event for the control side.
    func notify(_ peer: UInt32, _ event: PeerEvents) {
        let before = peers.at(peer).pointee.events.bitwiseOr(event.rawValue, ordering: .acquiringAndReleasing).oldValue
        if before == 0 { queue.append(peer: peer) }
    }

    /// The control side must look at a peer's timers by `deadline`.
    func arm(_ peer: UInt32, by deadline: UInt64) {
        let current = peers.at(peer).pointee.deadline.load(ordering: .relaxed)
        if current == 0 || deadline < current { notify(peer, .timer) }
    }
}

/// A box, so that counters can stand in an array.
final class CounterSet: Sendable {
    let counters = Counters(peers: SharedState.peerLimit)
}
