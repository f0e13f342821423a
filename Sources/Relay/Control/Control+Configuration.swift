// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// What the reconciler asks for: peers come, change and go while packets flow (Documentation/protocol.md section 13).
extension Control {
    /// Carries out all changes and publishes them as one (WG-A-7), then acknowledges the generation.
    func apply(_ changes: [PeerChange], hubAddresses: [IPAddress]?, generation: Int64) -> ApplyReport {
        let start = Instant.now()
        let hubMoves = hubAddresses.map { $0 != routing.hubAddresses } ?? false
        // First, so that a peer may get what the hub had.
        if hubMoves { routing.setHub(hubAddresses ?? []) }
        var (dropped, refused) = (0, 0)
        for change in changes {
            switch change {
            case .add(let configuration, let memory): if !add(configuration, memory, now: start) { refused += 1 }
            case .update(let configuration): dropped += update(configuration, now: start)
            case .remove(let key): dropped += remove(key, now: start)
            }
        }
        if hubMoves || !changes.isEmpty { retire(.snapshot(publish())) }
        egress.flush(now: start)
        routing.generation = generation
        return ApplyReport(
            changedPeers: changes.count - refused, hubMoved: hubMoves, keypairsDropped: dropped, duration: Instant.now() - start,
            withoutRoom: refused)
    }

    /// A local address left the host: peers answered from it are answered from wherever the kernel chooses (WG-E-6).
    func forgetSource(_ address: IPAddress) {
        for entry in peers.all {
            let cell = shared.peers.at(entry.slot)
            let path = cell.pointee.path.load()
            if path.local.equals(address) { cell.pointee.path.store(Path(remote: path.remote)) }
        }
    }

    /// False when the engine has no room for it (WG-C-9).
    private func add(_ configuration: PeerConfiguration, _ memory: PeerMemory, now: Instant) -> Bool {
        // A peer with our own key is skipped (WG-L-1); one that is here already is an update.
        guard configuration.publicKey != shared.identity.publicKey else { return true }
        guard peers[configuration.publicKey] == nil else {
            _ = update(configuration, now: now)
            return true
        }
        if peers.places.freeCount == 0 { reclaim() }
        guard let peer = peers.add({ Peer(slot: $0, configuration: configuration, memory: memory, jitter: jitter()) }) else { return false }
        clock.note(peer.timestampSent)
        peer.timers.setPersistentKeepalive(peer.persistentKeepalive, now: now)
        for set in shared.counters { set.counters.reset(peer.slot) }
        let cell = shared.peers.at(peer.slot)
        cell.pointee.activity.clear()
        shared.moves.at(peer.slot).pointee.clear()
        cell.pointee.path.store(Path(remote: memory.endpoint.map(UDPAddress.init) ?? UDPAddress()))
        if peer.isEnabled { cell.pointee.staged.open() }
        routing.set(peer, before: nil)
        rearm(peer)
        return true
    }

    /// Gives the number of keypairs that ended: all of a peer that is disabled, none of others.
    private func update(_ configuration: PeerConfiguration, now: Instant) -> Int {
        guard let peer = peers[configuration.publicKey] else { return 0 }
        let before = peer.configuration
        peer.configuration = configuration
        // A new preshared key counts from the next handshake on; the keypair lives (WG-L-3).
        if before.presharedKey != configuration.presharedKey {
            peer.handshake.presharedKey = configuration.presharedKey?.bytes ?? Bytes32(repeating: 0)
        }
        peer.timers.setPersistentKeepalive(peer.persistentKeepalive, now: now)
        routing.set(peer, before: before)
        var dropped = 0
        if before.isEnabled, !peer.isEnabled { dropped = disconnect(peer, now: now) }
        if peer.isEnabled { shared.peers.at(peer.slot).pointee.staged.open() }
        rearm(peer)
        return dropped
    }

    /// Ends all that a peer has with the hub: keypairs, a handshake under way, what waits for it, and its probes. Gives the number of keypairs.
    private func disconnect(_ peer: Peer, now: Instant) -> Int {
        forgetProbes(of: peer)
        peers.forgetContested(peer)
        let dropped = endAll(of: peer)
        peer.timers.stop()
        let cell = shared.peers.at(peer.slot)
        cell.pointee.staged.close()
        let purged = cell.pointee.staged.purge(total: shared.stagedBytes)
        counters.counters.drop(.peerRemoved, count: purged, now: now)
        cell.pointee.activity.forgetOutstanding()
        return dropped
    }

    /// Gives the number of keypairs that ended (WG-L-2).
    private func remove(_ key: PublicKey, now: Instant) -> Int {
        guard let peer = peers.remove(key) else { return 0 }
        let dropped = disconnect(peer, now: now)
        let cell = shared.peers.at(peer.slot)
        cell.pointee.path.store(Path())
        cell.pointee.activity.clear()
        cell.pointee.deadline.store(0, ordering: .relaxed)
        deadlines.set(nil, for: peer.slot)
        routing.remove(peer)
        retire(.peer(peer.slot))
        return dropped
    }

    /// Lets workers see what was changed; gives the snapshot they had, which some of them may still hold.
    private func publish() -> Snapshot {
        let replaced = routing.makeSnapshot()
        shared.snapshot.store(routing.snapshot)
        return replaced
    }
}
