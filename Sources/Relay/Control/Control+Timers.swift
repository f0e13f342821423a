// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// The five timers of each peer, looked at when one can have run out and never otherwise (Documentation/protocol.md section 8).
extension Control {
    /// Does what is due for a peer and sets its next deadline.
    func runTimers(of slot: UInt32, now: Instant) {
        guard members[Int(slot)] != nil else { return }
        let peer = shared.peers.at(slot)
        let activity = peer.pointee.activity.load()
        let isPending = members[Int(slot)]!.peer.pendingIndex != nil
        let actions = members[Int(slot)]!.timers.expire(
            activity, hasSession: hasSession(slot, now: now), now: now, jitter: jitter())

        if actions.contains(.clearSource) {
            peer.pointee.path.store(Path(remote: peer.pointee.path.load().remote))
        }
        if actions.contains(.keepalive) {
            // Sending clears the stamp; where nothing could be sent it must not come due again at once.
            if !sendKeepalive(slot, now: now) { peer.pointee.activity.unansweredReceive.store(0, ordering: .relaxed) }
        }
        if actions.contains(.rearmKeepalive) { peer.pointee.activity.unansweredReceive.store(now.nanoseconds, ordering: .relaxed) }
        if actions.contains(.initiate) {
            peer.pointee.activity.unacknowledgedSend.store(0, ordering: .relaxed)
            if peer.pointee.path.load().remote.isUnset {
                members[Int(slot)]!.timers.rest()
            } else if isPending {
                initiate(slot, isRetry: true, now: now)
            } else {
                initiateIfIdle(slot, now: now)
            }
        }
        if actions.contains(.giveUp) { giveUp(slot, now: now) }
        if actions.contains(.wipe) {
            endAll(of: slot)
            members[Int(slot)]!.timers.stop()
            peer.pointee.activity.unansweredReceive.store(0, ordering: .relaxed)
            peer.pointee.activity.unacknowledgedSend.store(0, ordering: .relaxed)
        }
        rearm(slot)
    }

    /// Twenty initiations were not answered: what waited is dropped, silently for its senders (WG-I-1, WG-H-6).
    private func giveUp(_ slot: UInt32, now: Instant) {
        if let index = members[Int(slot)]!.peer.pendingIndex { shared.indices.remove(index) }
        members[Int(slot)]!.peer.clearPending()
        shared.peers.at(slot).pointee.activity.unansweredReceive.store(0, ordering: .relaxed)
        let purged = shared.peers.at(slot).pointee.staged.purge(total: shared.stagedBytes)
        counters.counters.drop(.stagedPurged, Parties(receiver: slot), count: purged, now: now)
        trace(.initiation, Parties(receiver: slot), shared.peers.at(slot).pointee.path.load(), byteCount: 0, .gaveUp, now: now)
    }

    /// Sets when the timers of a peer must be looked at next.
    func rearm(_ slot: UInt32) {
        guard members[Int(slot)] != nil else { return }
        let peer = shared.peers.at(slot)
        let next = members[Int(slot)]!.timers.nextDeadline(peer.pointee.activity.load())
        deadlines.set(next, for: slot)
        peer.pointee.deadline.store(next?.nanoseconds ?? 0, ordering: .relaxed)
    }
}
