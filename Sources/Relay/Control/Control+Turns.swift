// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// The control side works in turns, on its own thread or, when both share a single core, on a worker's thread (`CoreShare`).
extension Control {
    /// How many items of each kind one turn of the thread handles. `apply` and `status` can run between two turns.
    private static let piecesPerTurn = 8

    /// The body of the thread `handshakes`: runs until the engine stops.
    func run() throws(Errno) {
        var poller = try Poller(capacity: 1)
        try poller.add(shared.queue.wake.descriptor, token: 0, for: .readable)
        while !shared.isStopping.load(ordering: .acquiring) {
            let next = lockedHere { turn(pieces: Self.piecesPerTurn) }
            let now = Instant.now()
            guard next > now else { continue }
            _ = try poller.wait(timeout: next == .never ? nil : next - now)
            shared.queue.wake.drain()
        }
    }

    /// How many keypairs, peers and tables one turn frees.
    private static let reclaimedPerTurn = 64

    /// Handles one turn, at most `pieces` items of each kind: first peer events, then handshakes, timers and fragments. When none of them is left,
    /// it prepares new peers. Returns when the next turn is due; that is at once if work is left.
    func turn(pieces: Int) -> Instant {
        let hasMore = shared.queue.take(limit: pieces, into: &taken)
        let now = Instant.now()
        measureWork(hasMore: hasMore, now: now)
        for slot in taken.peers { look(at: slot, now: now) }
        for message in taken.messages { handle(message, now: now) }
        for _ in 0..<pieces {
            guard let slot = deadlines.popDue(at: now) else { break }
            if let peer = peers[slot] { runTimers(of: peer, now: now) }
        }
        runProbes(now: now)
        handleFragments(pieces, now: now)
        egress.flush(now: now)
        reclaim(Self.reclaimedPerTurn)
        if hasMore || shared.fragments.isWaiting { return now }
        let next = min(deadlines.next ?? .never, probes.deadline ?? .never, reassembly.deadline ?? .never, nextReclaim(now: now))
        return next > now && prepare(pieces) ? now : next
    }

    /// Measures how long the messages of a turn take, from one turn to the next while messages wait (WG-M-5).
    private func measureWork(hasMore: Bool, now: Instant) {
        if let last = busySince { shared.queue.load.note(last.messages, took: now - last.at) }
        busySince = hasMore && !taken.messages.isEmpty ? (now, taken.messages.count) : nil
    }

    /// Prepares a few new peers while there is nothing else to do, so that a hub with many devices starts quickly. True when some are left.
    private func prepare(_ count: Int) -> Bool {
        let unprepared = peers.takeUnprepared(count)
        for peer in unprepared.peers { peer.handshake.prepare(shared.identity) }
        return unprepared.isMoreLeft
    }

    /// Handles the events that workers filed for a peer.
    private func look(at slot: UInt32, now: Instant) {
        let events = PeerEvents(rawValue: shared.peers.at(slot).pointee.events.exchange(0, ordering: .acquiringAndReleasing))
        guard let peer = peers[slot] else { return }
        if events.contains(.contested) {
            peers.noteContested(peer, at: now)
            keepFirstNetwork(of: peer, now: now)
        }
        if events.contains(.confirmed) { promote(peer, now: now) }
        if events.contains(.rekeyWanted) { initiateIfIdle(peer, now: now) }
        // Another packet of the same batch may have created a keypair in the meantime.
        if events.contains(.staged), sendStagedIfPossible(to: peer, now: now) == false { initiateIfIdle(peer, now: now) }
        if events.contains(.timer), peer.timers.hasGivenUp { noteWhetherHeard(peer, now: now) }
        rearm(peer)
    }

    /// A peer whose handshake was given up may still send under a keypair that has not expired.
    private func noteWhetherHeard(_ peer: Peer, now: Instant) {
        let heard = Instant(nanoseconds: shared.peers.at(peer.slot).pointee.activity.lastReceived.load(ordering: .relaxed))
        if now - heard < Constants.keepaliveTimeout { peer.timers.peerHeard() }
    }
}
