// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// The control side does its work in turns: on a thread of its own, or on a worker's where both have one core between them (`CoreShare`).
extension Control {
    /// Pieces of work of each kind in a turn of the thread; `apply` and `status` get in between two turns.
    private static let piecesPerTurn = 8

    /// The thread `handshakes`: runs until the engine stops.
    func run() throws(Errno) {
        var poller = try Poller(capacity: 1)
        try poller.add(shared.queue.wake.descriptor, token: 0, for: .readable)
        while !shared.isStopping.load(ordering: .acquiring) {
            let next = locked { turn(pieces: Self.piecesPerTurn) }
            let now = Instant.now()
            guard next > now else { continue }
            _ = try poller.wait(timeout: next == .never ? nil : next - now)
            shared.queue.wake.drain()
        }
    }

    /// Keypairs, peers and tables that a turn gives back.
    private static let reclaimedPerTurn = 64

    /// One turn: events of peers first, then handshakes, then timers, and where none of them is left, peers are got ready; at most so many
    /// `pieces` of each. Gives the moment by which the next turn is due, which has come if some are left.
    func turn(pieces: Int) -> Instant {
        let hasMore = shared.queue.take(limit: pieces, into: &taken)
        let now = Instant.now()
        for slot in taken.peers { look(at: slot, now: now) }
        for message in taken.messages { handle(message, now: now) }
        for _ in 0..<pieces {
            guard let slot = deadlines.popDue(at: now) else { break }
            if let peer = peers[slot] { runTimers(of: peer, now: now) }
        }
        runProbes(now: now)
        egress.flush(now: now)
        reclaim(Self.reclaimedPerTurn)
        if hasMore { return now }
        let next = min(deadlines.next ?? .never, probes.deadline ?? .never, nextReclaim(now: now))
        return next > now && prepare(pieces) ? now : next
    }

    /// Gets a few new peers ready while nothing else is to be done, so that a hub with many devices starts at once. True when some are left.
    private func prepare(_ count: Int) -> Bool {
        let unprepared = peers.takeUnprepared(count)
        for peer in unprepared.peers { peer.handshake.prepare(shared.identity) }
        return unprepared.isMoreLeft
    }

    /// Answers the events that workers filed for a peer.
    private func look(at slot: UInt32, now: Instant) {
        let events = PeerEvents(rawValue: shared.peers.at(slot).pointee.events.exchange(0, ordering: .acquiringAndReleasing))
        guard let peer = peers[slot] else { return }
        if events.contains(.contested) { peers.noteContested(peer, at: now) }
        if events.contains(.confirmed) { promote(peer, now: now) }
        if events.contains(.rekeyWanted) { initiateIfIdle(peer, now: now) }
        // A keypair may have come while the packet was on its way to the others that wait.
        if events.contains(.staged), sendStagedIfPossible(to: peer, now: now) == false { initiateIfIdle(peer, now: now) }
        if events.contains(.timer), peer.timers.hasGivenUp { noteWhetherHeard(peer, now: now) }
        rearm(peer)
    }

    /// A peer that was given up may still send under a keypair that lives.
    private func noteWhetherHeard(_ peer: Peer, now: Instant) {
        let heard = Instant(nanoseconds: shared.peers.at(peer.slot).pointee.activity.lastReceived.load(ordering: .relaxed))
        if now - heard < Constants.keepaliveTimeout { peer.timers.peerHeard() }
    }
}
