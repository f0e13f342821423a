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
        let hasMore = shared.queue.take(limit: pieces, messages: &messages, peers: &events)
        let now = Instant.now()
        for peer in events { look(at: peer, now: now) }
        for message in messages { handle(message, now: now) }
        for _ in 0..<pieces {
            guard let peer = deadlines.popDue(at: now) else { break }
            runTimers(of: peer, now: now)
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
        for slot in unprepared.suffix(count) { members[Int(slot)]?.handshake.prepare(shared.identity) }
        unprepared.removeLast(min(count, unprepared.count))
        if unprepared.isEmpty { unprepared = [] }
        return !unprepared.isEmpty
    }

    /// Answers the events that workers filed for a peer.
    private func look(at slot: UInt32, now: Instant) {
        let events = PeerEvents(rawValue: shared.peers.at(slot).pointee.events.exchange(0, ordering: .acquiringAndReleasing))
        guard members[Int(slot)] != nil else { return }
        if events.contains(.contested) { contested[slot] = now }
        if events.contains(.confirmed) { promote(slot, now: now) }
        if events.contains(.rekeyWanted) { initiateIfIdle(slot, now: now) }
        // A keypair may have come while the packet was on its way to the others that wait.
        if events.contains(.staged), sendStagedIfPossible(slot, now: now) == false { initiateIfIdle(slot, now: now) }
        if events.contains(.timer), members[Int(slot)]!.timers.hasGivenUp { noteWhetherHeard(slot, now: now) }
        rearm(slot)
    }

    /// A peer that was given up may still send under a keypair that lives.
    private func noteWhetherHeard(_ slot: UInt32, now: Instant) {
        let heard = Instant(nanoseconds: shared.peers.at(slot).pointee.activity.lastReceived.load(ordering: .relaxed))
        if now - heard < Constants.keepaliveTimeout { members[Int(slot)]!.timers.peerHeard() }
    }
}
