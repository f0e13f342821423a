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
///
/// A thread of its own looks. The portal's step back for others: on a busy core one of them could be left without it while it is inside the
/// engine's control side, where handshakes and changes then wait for it.
final class EngineView: Sendable {
    /// How long a picture is shown: at least so long, and so many times as long as looking took.
    private static let lifetime: Duration = .milliseconds(250)
    private static let lifetimeInLooks = 20
    /// How often all peers are looked at.
    private static let fullInterval: Duration = .seconds(30)
    /// Looks overlap, since the engine tells of a packet a little after it came.
    private static let overlap: Duration = .seconds(1)

    private struct Picture {
        var snapshot: EngineSnapshot
        var at: Instant
        var fullAt: Instant
        /// Until when it is shown.
        var until = Instant(nanoseconds: 0)
    }

    private let engine: Engine
    private let loop: ReconcileLoop
    private let host = Mutex<(addresses: [IPAddress], networks: [IPPrefix])>(([], []))
    private let latest = Mutex<Picture?>(nil)
    /// Looks that are wanted, by the picture before them. One at a time is on its way, as who asks holds `latest`.
    private let looks: BlockingQueue<Picture?>
    private let pictures: BlockingQueue<Picture>
    private let thread = Mutex<Linux.Thread?>(nil)

    /// Starts the thread. Throws when the system has no room for it.
    init(engine: Engine, loop: ReconcileLoop) throws(Errno) {
        self.engine = engine
        self.loop = loop
        looks = try BlockingQueue(capacity: 1)
        pictures = try BlockingQueue(capacity: 1)
        let thread = try Linux.Thread(name: "status") { [self] in
            while let last = looks.take() { _ = pictures.offer(look(after: last)) }
        }
        self.thread.withLock { $0 = thread }
    }

    /// Ends the thread.
    func stop() {
        looks.close()
        thread.withLock { $0 }?.join()
        pictures.close()
    }

    /// Looks where this host is now.
    func readHost() {
        let now = (HostAddresses.current(), HostAddresses.networks())
        host.withLock { $0 = now }
    }

    func snapshot() -> EngineSnapshot {
        latest.withLock { latest in
            if let latest, Instant.now() < latest.until { return latest.snapshot }
            let next = looks.offer(latest) ? pictures.take() : nil
            // After `stop` whoever asks looks for itself.
            let picture = next ?? look(after: latest)
            latest = picture
            return picture.snapshot
        }
    }

    private func look(after last: Picture?) -> Picture {
        let now = Instant.now()
        let isFull = last.map { now - $0.fullAt >= Self.fullInterval } ?? true
        var peers: [PublicKey: EngineSnapshot.PeerState] = [:]
        if let last, !isFull {
            peers = last.snapshot.peers
            peers.merge(states(of: .active(since: last.at - Self.overlap))) { $1 }
        } else {
            peers = states(of: .all)
        }
        var picture = Picture(snapshot: snapshot(of: peers), at: now, fullAt: isFull ? now : last?.fullAt ?? now)
        let end = Instant.now()
        picture.until = end + max(Self.lifetime, (end - now) * Self.lifetimeInLooks)
        return picture
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
