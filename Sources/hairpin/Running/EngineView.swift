// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Portal
import Reconciler
import Relay
import Store
import Synchronization

/// What pages show of the engine: its status, joined with what earlier runs left. Made at most a few times a second, however many ask;
/// from one to the next only the peers that were active meanwhile are looked at, and all of them now and then.
final class EngineView: Sendable {
    /// How old a picture may be.
    private static let lifetime: Duration = .milliseconds(250)
    /// How often all peers are looked at.
    private static let fullInterval: Duration = .seconds(30)
    /// Looks overlap, since the engine tells of a packet a little after it came.
    private static let overlap: Duration = .seconds(1)

    private struct Picture {
        var snapshot: EngineSnapshot
        var at: Instant
        var fullAt: Instant
    }

    private let engine: Engine
    private let loop: ReconcileLoop
    private let host = Mutex<(addresses: [IPAddress], networks: [IPPrefix])>(([], []))
    private let latest = Mutex<Picture?>(nil)

    init(engine: Engine, loop: ReconcileLoop) {
        self.engine = engine
        self.loop = loop
    }

    /// Looks where this host is now.
    func readHost() {
        let now = (HostAddresses.current(), HostAddresses.networks())
        host.withLock { $0 = now }
    }

    func snapshot() -> EngineSnapshot {
        latest.withLock { latest in
            let now = Instant.now()
            if let latest, now - latest.at < Self.lifetime { return latest.snapshot }
            let next = picture(after: latest, now: now)
            latest = next
            return next.snapshot
        }
    }

    private func picture(after last: Picture?, now: Instant) -> Picture {
        let isFull = last.map { now - $0.fullAt >= Self.fullInterval } ?? true
        var peers: [PublicKey: EngineSnapshot.PeerState] = [:]
        if let last, !isFull {
            peers = last.snapshot.peers
            peers.merge(states(of: .active(since: last.at - Self.overlap))) { $1 }
        } else {
            peers = states(of: .all)
        }
        return Picture(snapshot: snapshot(of: peers), at: now, fullAt: isFull ? now : last?.fullAt ?? now)
    }

    private func states(of peers: PeerSelection) -> [PublicKey: EngineSnapshot.PeerState] {
        loop.observations(of: peers).mapValues { seen in
            EngineSnapshot.PeerState(
                endpoint: seen.endpoint, lastHandshakeAt: seen.lastHandshakeAt?.seconds, lastReceivedAt: seen.lastSeenAt?.seconds,
                lastDataAt: seen.lastDataAt?.seconds, receivedBytes: UInt64(clamping: seen.receivedBytes), sentBytes: UInt64(clamping: seen.sentBytes)
            )
        }
    }

    private func snapshot(of peers: [PublicKey: EngineSnapshot.PeerState]) -> EngineSnapshot {
        let status = engine.status(of: .keys([]))
        let last = loop.lastApply
        let host = host.withLock { $0 }
        return EngineSnapshot(
            lastApply: EngineSnapshot.Apply(
                changedPeers: last.changedPeers, sessionsDropped: last.sessionsDropped,
                microseconds: last.duration.components.seconds * 1_000_000 + last.duration.components.attoseconds / 1_000_000_000_000),
            peers: peers, drops: status.drops,
            pairDrops: status.pairDrops.map {
                EngineSnapshot.PairDrop(reason: $0.reason, from: $0.from, to: $0.to, count: $0.count, lastAt: $0.lastAt)
            }, contestedKeys: Dictionary(status.contestedKeys.map { ($0.publicKey, $0.endpoints) }) { first, _ in first },
            socketLosses: SocketLosses.current(status), workers: status.workers,
            listen: status.listen, hostAddresses: host.addresses, hostNetworks: host.networks)
    }
}
