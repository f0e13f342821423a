// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Net
import Relay
import Store
import Synchronization

/// The engine's status for the pages, joined with what earlier runs stored. Read at most a few times a second, for any number of callers.
/// Between full reads, only the peers that were active meanwhile are read.
///
/// The deputy reads it, because the portal's threads have low priority: on a busy core one of them could lose the core while it holds a lock that
/// the reconciler needs.
public final class StatusFeed: Sendable {
    /// How long a status is reused: at least this long, and longer when reading it took long.
    private static let lifetime: Duration = .milliseconds(250)
    private static let lifetimeInLooks = 20
    /// How often all peers are read.
    private static let fullInterval: Duration = .seconds(30)
    /// Reads overlap by this much, because the engine reports a packet a little after it arrived.
    private static let overlap: Duration = .seconds(1)

    private struct Picture {
        var status: HubStatus
        var at: Instant
        var fullAt: Instant
        /// How long this status may be reused.
        var until = Instant(nanoseconds: 0)
    }

    private let engine: Engine
    private let loop: ReconcileLoop
    private let interface: HostInterface?
    private let host = Mutex<(addresses: [IPAddress], networks: [IPPrefix])>(([], []))
    private let latest = Mutex<Picture?>(nil)
    private let deputy = Deputy(name: "status")

    /// Reads nothing yet. `interface` is the way to the hub's host, if it has one.
    public init(engine: Engine, loop: ReconcileLoop, interface: HostInterface? = nil) {
        self.engine = engine
        self.interface = interface
        self.loop = loop
    }

    /// Reads the host's current addresses.
    public func readHost() {
        let now = (HostAddresses.current(besides: interface?.name), HostAddresses.networks(besides: interface?.name))
        host.withLock { $0 = now }
    }

    /// The current status, at most a fraction of a second old.
    public func status() -> HubStatus {
        latest.withLock { latest in
            if let latest, Instant.now() < latest.until { return latest.status }
            // Taken out, so that the peers are changed where they are and not in a copy.
            var picture = latest.take()
            let next = deputy.run { () throws(Never) -> Picture in look(after: &picture) }
            latest = next
            return next.status
        }
    }

    /// A copy of `status` with what the engine knows about these peers at this moment, and with the evidence of failed handshakes.
    public func examining(_ keys: [PublicKey], in status: HubStatus) -> HubStatus {
        var copy = status
        let (now, seen) = deputy.run { () throws(Never) -> (EngineStatus, [PublicKey: PeerSight]) in
            (engine.status(of: .keys(Set(keys))), loop.observations(of: .keys(Set(keys))))
        }
        copy.peers.merge(seen) { $1 }
        copy.pairDrops = now.pairDrops.map(Translation.drop)
        copy.evidence = Translation.evidence(now)
        return copy
    }

    /// Uses up the last picture.
    private func look(after last: inout Picture?) -> Picture {
        let now = Instant.now()
        let (since, fullAt) = (last?.at, last?.fullAt)
        var peers = last?.status.peers ?? [:]
        last = nil
        let isFull: Bool
        if let since, let fullAt, now - fullAt < Self.fullInterval {
            isFull = false
            peers.merge(loop.observations(of: .active(since: since - Self.overlap))) { $1 }
        } else {
            isFull = true
            peers = loop.observations(of: .all)
        }
        var picture = Picture(status: status(of: peers), at: now, fullAt: isFull ? now : fullAt ?? now)
        let end = Instant.now()
        picture.until = end + max(Self.lifetime, (end - now) * Self.lifetimeInLooks)
        return picture
    }

    private func status(of peers: [PublicKey: PeerSight]) -> HubStatus {
        let status = engine.status(of: .keys([]))
        let last = loop.lastApply
        let host = host.withLock { $0 }
        var picture = HubStatus(
            lastApply: HubStatus.Apply(
                changedPeers: last.changedPeers, sessionsDropped: last.sessionsDropped,
                microseconds: last.duration.components.seconds * 1_000_000 + last.duration.components.attoseconds / 1_000_000_000_000),
            peers: peers, drops: status.drops,
            pairDrops: status.pairDrops.map(Translation.drop),
            contestedKeys: Dictionary(status.contestedKeys.map { ($0.publicKey, $0.endpoints) }) { first, _ in first },
            datagramsReceived: status.datagramsReceived, datagramsAccepted: status.datagramsAccepted,
            socketLosses: SocketLosses.current(status), workers: status.workers,
            listen: status.listen, hostAddresses: host.addresses, hostNetworks: host.networks, gateway: interface?.gateway)
        picture.ruleHits = Translation.hits(status)
        return picture
    }
}

extension StatusFeed {
    /// How many flows that are alive now would end under other rules. `devices` are all devices.
    public func flowsEnding(under list: RuleList, among devices: [Device]) -> Int {
        engine.flowsEnding(under: Translation.rules(list, devices: devices)).count
    }
}

/// Datagrams that the kernel lost before the hub saw them (WG-Q-5), by their names in the API.
enum SocketLosses {
    /// `hub_…` counts the hub's own sockets: as reported to the workers with each datagram (SO_RXQ_OVFL), and as the kernel reports them
    /// (sock_diag). `udp_…` counts the whole network namespace.
    static func current(_ status: EngineStatus) -> [String: UInt64] {
        var losses = ["hub_rxq_overflow": status.socketLosses]
        if let sockets = try? SocketMemory.udp(port: status.listen.port) {
            losses["hub_socket_drops"] = sockets.reduce(0) { $0 + UInt64($1.drops) }
        }
        if let statistics = try? UDPStatistics.current() {
            losses["udp_in_errors"] = statistics.inErrors
            losses["udp_rcvbuf_errors"] = statistics.receiveBufferErrors
            losses["udp_sndbuf_errors"] = statistics.sendBufferErrors
        }
        return losses
    }
}
