// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Names
import Net
import Synchronization
import WireGuard

/// Changes that the reconciler requests: adds, updates and removes peers while packets flow (Documentation/protocol.md section 13).
extension Control {
    /// Applies all changes, publishes them together (WG-A-7), and then reports the generation as applied.
    func apply(
        _ changes: [PeerChange], hubAddresses: [IPAddress]?, rules: PeerRules? = nil, zone: Zone?? = nil, generation: Int64
    ) -> ApplyReport {
        let start = Instant.now()
        routing.beginChange()
        let hubMoves = hubAddresses.map { $0 != routing.hubAddresses } ?? false
        // The hub goes first, so that a peer may take over an address that was the hub's.
        if hubMoves { routing.setHub(hubAddresses ?? []) }
        var (dropped, refused) = (0, 0)
        for change in changes {
            switch change {
            case .add(let configuration, let memory): if !add(configuration, memory, now: start) { refused += 1 }
            case .update(let configuration): dropped += update(configuration, now: start)
            case .remove(let key): dropped += remove(key, now: start)
            }
        }
        let rulesChange = rules.map { $0 != routing.rules } ?? false
        if rulesChange, let rules { routing.set(rules, cells: cells(of: rules)) }
        if let zone { routing.zone = zone }
        if hubMoves || rulesChange || zone != nil || !changes.isEmpty { retire(.snapshot(publish())) }
        egress.flush(now: start)
        routing.generation = generation
        return ApplyReport(
            changedPeers: changes.count - refused, hubMoved: hubMoves, rulesChanged: rulesChange, keypairsDropped: dropped,
            duration: Instant.now() - start, withoutRoom: refused)
    }

    /// Publishes where packets go whose destination nobody owns. False if nothing changes.
    func lead(_ ways: [IPPrefix: ForwardingTable.Way]) -> Bool {
        routing.beginChange()
        guard routing.setWays(ways) else { return false }
        retire(.snapshot(publish()))
        return true
    }

    /// False when the engine is full (WG-C-9).
    private func add(_ configuration: PeerConfiguration, _ memory: PeerMemory, now: Instant) -> Bool {
        // Skips a peer with our own key (WG-L-1); adding an existing peer is an update.
        guard configuration.publicKey != shared.identity.publicKey else { return true }
        guard peers[configuration.publicKey] == nil else {
            _ = update(configuration, now: now)
            return true
        }
        if peers.places.freeCount == 0 { reclaim() }
        if mayHaveStaleMarks {
            keepPairs()
            mayHaveStaleMarks = false
        }
        guard let peer = peers.add({ Peer(slot: $0, configuration: configuration, memory: memory, jitter: jitter()) }) else { return false }
        clock.note(peer.timestampSent)
        peer.timers.setPersistentKeepalive(peer.persistentKeepalive, now: now)
        for set in shared.counters { set.counters.reset(peer.slot) }
        let cell = shared.peers.at(peer.slot)
        // Staged packets of the slot's last peer are not this one's.
        cell.pointee.tenancy.add(1, ordering: .relaxed)
        shared.slotsEnd.store(max(shared.slotsEnd.load(ordering: .relaxed), peer.slot + 1), ordering: .relaxed)
        cell.pointee.cookie.end()
        cell.pointee.activity.clear()
        shared.moves.at(peer.slot).pointee.clear()
        cell.pointee.path.store(Path(remote: memory.endpoint.map(UDPAddress.init) ?? UDPAddress()))
        if peer.isEnabled { cell.pointee.staged.open() }
        routing.set(peer, before: nil)
        routing.noteSlot(of: configuration.publicKey)
        rearm(peer)
        return true
    }

    /// Returns the number of keypairs that ended: all of them when the peer was disabled by this change, else none.
    private func update(_ configuration: PeerConfiguration, now: Instant) -> Int {
        guard let peer = peers[configuration.publicKey] else { return 0 }
        let before = peer.configuration
        peer.configuration = configuration
        // A new preshared key applies from the next handshake; existing keypairs continue (WG-L-3).
        if before.presharedKey != configuration.presharedKey {
            peer.handshake.presharedKey = configuration.presharedKey?.bytes ?? Bytes32(repeating: 0)
        }
        peer.timers.setPersistentKeepalive(peer.persistentKeepalive, now: now)
        routing.set(peer, before: before)
        if before.keepsFirstNetwork, !configuration.keepsFirstNetwork { peer.firstNetwork = FirstNetwork() }
        var dropped = 0
        if before.isEnabled, !peer.isEnabled { dropped = disconnect(peer, now: now) }
        if peer.isEnabled { shared.peers.at(peer.slot).pointee.staged.open() }
        rearm(peer)
        return dropped
    }

    /// Ends everything the peer has running: keypairs, a pending handshake, staged packets and probes. Returns the number of keypairs.
    private func disconnect(_ peer: Peer, now: Instant) -> Int {
        forgetProbes(of: peer)
        forgetFragments(of: peer, now: now)
        peers.forgetContested(peer)
        peer.firstNetwork = FirstNetwork()
        let dropped = endAll(of: peer)
        peer.timers.stop()
        let cell = shared.peers.at(peer.slot)
        cell.pointee.staged.close()
        let purged = cell.pointee.staged.purge(total: shared.stagedBytes)
        counters.counters.drop(.peerRemoved, count: purged, now: now)
        cell.pointee.activity.forgetOutstanding()
        return dropped
    }

    /// Returns the number of keypairs that ended (WG-L-2).
    private func remove(_ key: PublicKey, now: Instant) -> Int {
        guard let peer = peers.remove(key) else { return 0 }
        let dropped = disconnect(peer, now: now)
        let cell = shared.peers.at(peer.slot)
        cell.pointee.path.store(Path())
        cell.pointee.activity.clear()
        cell.pointee.deadline.store(0, ordering: .relaxed)
        deadlines.set(nil, for: peer.slot)
        routing.remove(peer)
        routing.noteSlot(of: key)
        retire(.peer(peer.slot))
        return dropped
    }

    /// Publishes the changes to the workers. Returns the previous snapshot, which some workers may still use.
    private func publish() -> Snapshot {
        let replaced = routing.makeSnapshot { peers[$0]?.slot }
        shared.snapshot.store(routing.snapshot)
        return replaced
    }
}
