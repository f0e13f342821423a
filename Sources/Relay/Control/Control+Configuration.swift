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
        let hubMoves = hubAddresses.map { $0 != self.hubAddresses } ?? false
        // First, so that a peer may get what the hub had.
        if hubMoves { table.setOwned((hubAddresses ?? []).map { IPPrefix(host: $0) }, by: ForwardingTable.hub) }
        var dropped = 0
        let before = peersWithoutRoom
        for change in changes {
            switch change {
            case .add(let configuration, let memory): add(configuration, memory, now: start)
            case .update(let configuration): update(configuration, now: start)
            case .remove(let key): dropped += remove(key, now: start)
            }
        }
        if hubMoves || !changes.isEmpty { publish() }
        egress.flush(now: start)
        appliedGeneration = generation
        let refused = peersWithoutRoom - before
        return ApplyReport(
            changedPeers: changes.count - refused, hubMoved: hubMoves, sessionsDropped: dropped, duration: Instant.now() - start,
            withoutRoom: refused)
    }

    /// The hub's own addresses: they stand in the table beside those of the peers (WG-H-1).
    var hubAddresses: [IPAddress] { table.ownedPrefixes(of: ForwardingTable.hub).map(\.address) }

    /// A local address left the host: peers answered from it are answered from wherever the kernel chooses (WG-E-6).
    func forgetSource(_ address: IPAddress) {
        for slot in slots.values {
            let cell = shared.peers.at(slot)
            let path = cell.pointee.path.load()
            if path.local.equals(address) { cell.pointee.path.store(Path(remote: path.remote)) }
        }
    }

    private func add(_ configuration: PeerConfiguration, _ memory: PeerMemory, now: Instant) {
        // A peer with our own key is skipped (WG-L-1); one that is here already is an update.
        guard configuration.publicKey != shared.identity.publicKey else { return }
        guard slots[configuration.publicKey] == nil else { return update(configuration, now: now) }
        guard let slot = allocatePeer() else {
            peersWithoutRoom += 1
            return
        }
        let timestampSent = memory.timestampSent.flatMap { Timestamp($0) } ?? .zero
        greatestTimestampSent = max(greatestTimestampSent, timestampSent)
        var member = Member(
            configuration: configuration,
            peer: Peer(
                publicKey: configuration.publicKey, presharedKey: configuration.presharedKey,
                greatestTimestamp: memory.greatestTimestamp.flatMap { Timestamp($0) } ?? .zero),
            timers: PeerTimers(jitter: jitter()), timestampSent: timestampSent)
        member.timers.setPersistentKeepalive(configuration.persistentKeepalive, now: now)
        members[Int(slot)] = member
        slots[configuration.publicKey] = slot
        for set in shared.counters { set.counters.reset(slot) }
        let cell = shared.peers.at(slot)
        cell.pointee.activity.clear()
        shared.moves.at(slot).pointee.clear()
        cell.pointee.path.store(Path(remote: memory.endpoint.map(UDPAddress.init) ?? UDPAddress()))
        cell.pointee.staged.open()
        unprepared.append(slot)
        route(configuration, slot, before: nil)
        rearm(slot)
    }

    private func update(_ configuration: PeerConfiguration, now: Instant) {
        guard let slot = slots[configuration.publicKey], members[Int(slot)] != nil else { return }
        // A new preshared key counts from the next handshake on; the session lives (WG-L-3).
        if members[Int(slot)]!.configuration.presharedKey != configuration.presharedKey {
            members[Int(slot)]!.peer.presharedKey = configuration.presharedKey?.bytes ?? Bytes32(repeating: 0)
        }
        members[Int(slot)]!.timers.setPersistentKeepalive(configuration.persistentKeepalive, now: now)
        route(configuration, slot, before: members[Int(slot)]!.configuration)
        members[Int(slot)]!.configuration = configuration
        rearm(slot)
    }

    /// Gives the number of sessions that ended (WG-L-2).
    private func remove(_ key: PublicKey, now: Instant) -> Int {
        guard let slot = slots.removeValue(forKey: key) else { return 0 }
        forgetProbes(of: slot)
        contested[slot] = nil
        let dropped = endAll(of: slot)
        let cell = shared.peers.at(slot)
        cell.pointee.staged.close()
        let purged = cell.pointee.staged.purge(total: shared.stagedBytes)
        counters.counters.drop(.peerRemoved, count: purged, now: now)
        cell.pointee.path.store(Path())
        cell.pointee.activity.clear()
        cell.pointee.deadline.store(0, ordering: .relaxed)
        deadlines.set(nil, for: slot)
        table.remove(slot)
        mtus[Int(slot)] = 0
        members[Int(slot)] = nil
        retire(.peer(slot))
        return dropped
    }

    private func allocatePeer() -> UInt32? {
        if freeSlots.isEmpty { reclaim() }
        if let slot = freeSlots.popLast() { return slot }
        guard members.count < SharedState.peerLimit else { return nil }
        members.append(nil)
        mtus.append(0)
        return UInt32(members.count - 1)
    }

    /// Only what differs: a change of defaults comes with the routes of all peers. What a peer owned may have moved to another since.
    private func route(_ configuration: PeerConfiguration, _ slot: UInt32, before: PeerConfiguration?) {
        if table.ownedPrefixes(of: slot) != configuration.ownedPrefixes { table.setOwned(configuration.ownedPrefixes, by: slot) }
        if before?.allowedIPs != configuration.allowedIPs { table.setAllowed(configuration.allowedIPs, for: slot) }
        mtus[Int(slot)] = UInt16(clamping: configuration.mtu ?? 0)
    }

    private func publish() {
        let replaced = snapshot
        snapshot = Snapshot(table: table.decisions, mtus: mtus, hubAddresses: hubAddresses)
        shared.snapshot.store(snapshot)
        retire(.snapshot(replaced))
    }
}
