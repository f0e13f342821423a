// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// Runs the five timers of each peer, only when one may have expired (Documentation/protocol.md section 8).
extension Control {
    /// Performs the actions that are due for a peer and sets its next deadline.
    func runTimers(of peer: Peer, now: Instant) {
        let cell = shared.peers.at(peer.slot)
        let isPending = peer.handshake.pendingIndex != nil
        let actions = peer.timers.expire(cell.pointee.activity.load(), hasKeypair: hasKeypair(peer, now: now), now: now, jitter: jitter())

        if actions.contains(.clearSource) { cell.pointee.path.replaceLocal { $0.local.isUnset ? $0.local : UDPLocalAddress() } }
        if actions.contains(.keepalive) {
            // Sending clears this time. If nothing could be sent, clear it here, so that it is not due again at once.
            if !sendKeepalive(to: peer, now: now) { cell.pointee.activity.unansweredReceive.store(0, ordering: .relaxed) }
        }
        if actions.contains(.rearmKeepalive) { cell.pointee.activity.unansweredReceive.store(now.nanoseconds, ordering: .relaxed) }
        if actions.contains(.initiate) {
            cell.pointee.activity.unacknowledgedSend.store(0, ordering: .relaxed)
            if cell.pointee.path.load().remote.isUnset {
                peer.timers.rest()
            } else if isPending {
                initiate(peer, isRetry: true, now: now)
            } else {
                initiateIfIdle(peer, now: now)
            }
        }
        if actions.contains(.giveUp) { giveUp(peer, now: now) }
        if actions.contains(.wipe) {
            endAll(of: peer)
            peer.timers.stop()
            cell.pointee.activity.forgetOutstanding()
        }
        rearm(peer)
    }

    /// Twenty initiations were not answered: drops the staged packets without telling their senders (WG-I-1, WG-H-6).
    private func giveUp(_ peer: Peer, now: Instant) {
        forgetPending(of: peer)
        let cell = shared.peers.at(peer.slot)
        cell.pointee.activity.unansweredReceive.store(0, ordering: .relaxed)
        let purged = cell.pointee.staged.purge(total: shared.stagedBytes)
        counters.counters.drop(.stagedPurged, Parties(receiver: peer.slot), count: purged, now: now)
        trace(.initiation, Parties(receiver: peer.slot), cell.pointee.path.load(), byteCount: 0, .gaveUp, now: now)
    }

    /// Sets the next deadline for the timers of a peer.
    func rearm(_ peer: Peer) {
        let cell = shared.peers.at(peer.slot)
        let next = peer.timers.nextDeadline(cell.pointee.activity.load())
        deadlines.set(next, for: peer.slot)
        cell.pointee.deadline.store(next?.nanoseconds ?? 0, ordering: .relaxed)
    }
}
