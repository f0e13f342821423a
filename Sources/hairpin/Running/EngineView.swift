// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Portal
import Reconciler
import Relay
import Store
import Synchronization

/// What pages show of the engine: its status, joined with what earlier runs left. Made at most a few times a second, however many ask.
final class EngineView: Sendable {
    /// How old a picture may be.
    private static let lifetime: Duration = .milliseconds(250)

    private let engine: Engine
    private let loop: ReconcileLoop
    private let hostAddresses = Mutex<[IPAddress]>([])
    private let latest = Mutex<(snapshot: EngineSnapshot, at: ContinuousClock.Instant)?>(nil)

    init(engine: Engine, loop: ReconcileLoop) {
        self.engine = engine
        self.loop = loop
    }

    func setHostAddresses(_ addresses: [IPAddress]) { hostAddresses.withLock { $0 = addresses } }

    func snapshot() -> EngineSnapshot {
        latest.withLock { latest in
            let now = ContinuousClock.now
            if let (snapshot, at) = latest, now - at < Self.lifetime { return snapshot }
            let snapshot = make()
            latest = (snapshot, now)
            return snapshot
        }
    }

    private func make() -> EngineSnapshot {
        let status = engine.status()
        let last = loop.lastApply
        let peers = loop.observations(status).mapValues { seen in
            EngineSnapshot.PeerState(
                endpoint: seen.endpoint, lastHandshakeAt: seen.lastHandshakeAt?.seconds, lastReceivedAt: seen.lastSeenAt?.seconds,
                receivedBytes: UInt64(clamping: seen.receivedBytes), sentBytes: UInt64(clamping: seen.sentBytes))
        }
        return EngineSnapshot(
            lastApply: EngineSnapshot.Apply(
                changedPeers: last.changedPeers, sessionsDropped: last.sessionsDropped,
                microseconds: last.duration.components.seconds * 1_000_000 + last.duration.components.attoseconds / 1_000_000_000_000),
            peers: peers, drops: status.drops, socketLosses: ["receive_queue": status.socketLosses], workers: status.workers,
            listen: status.listen, hostAddresses: hostAddresses.withLock { $0 })
    }
}
