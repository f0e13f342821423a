// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization
import WireGuard

/// Where sessions come from, move and end (Documentation/protocol.md section 6).
extension Control {
    /// A free session slot; nil when all are in use or not yet through their grace period.
    func allocateSession() -> UInt32? {
        if freeSessions.isEmpty { reclaim() }
        if let slot = freeSessions.popLast() { return slot }
        guard sessionsUsed < UInt32(SharedState.sessionLimit) else { return nil }
        defer { sessionsUsed += 1 }
        return sessionsUsed
    }

    /// The hub answered an initiation: the new session waits as next for the peer's first packet (WG-S-4).
    func addAsNext(_ session: UInt32, of slot: UInt32, now: Instant) {
        guard members[Int(slot)] != nil else { return }
        end(members[Int(slot)]!.next)
        end(members[Int(slot)]!.previous)
        members[Int(slot)]!.next = session
        members[Int(slot)]!.previous = nil
        members[Int(slot)]!.timers.sessionDerived(now: now)
    }

    /// The peer answered our initiation: the new session is used at once (WG-S-3), and confirmed to the peer by staged packets or a keepalive (WG-S-13).
    func addAsCurrent(_ session: UInt32, of slot: UInt32, now: Instant) {
        guard var member = members[Int(slot)] else { return }
        if let next = member.next {
            end(member.previous)
            end(member.current)
            member.previous = next
            member.next = nil
        } else {
            end(member.previous)
            member.previous = member.current
        }
        member.current = session
        member.timers.sessionDerived(now: now)
        member.complete()
        members[Int(slot)] = member
        startUsing(session, of: slot, now: now, confirming: true)
    }

    /// The first packet under the next session came: from now on it is sent with (WG-S-5).
    func promote(_ slot: UInt32, now: Instant) {
        guard let next = members[Int(slot)]?.next,
            shared.sessions.at(next).pointee.isConfirmed.load(ordering: .acquiring)
        else {
            // The session that was confirmed has a successor already, and the worker may have switched to it all the same.
            members[Int(slot)]?.timers.peerHeard()
            shared.peers.at(slot).pointee.sendSession.store(members[Int(slot)]?.current.map { $0 + 1 } ?? 0, ordering: .releasing)
            return
        }
        end(members[Int(slot)]!.previous)
        members[Int(slot)]!.previous = members[Int(slot)]!.current
        members[Int(slot)]!.current = next
        members[Int(slot)]!.next = nil
        members[Int(slot)]!.complete()
        startUsing(next, of: slot, now: now, confirming: false)
    }

    private func startUsing(_ session: UInt32, of slot: UInt32, now: Instant, confirming: Bool) {
        shared.peers.at(slot).pointee.sendSession.store(session + 1, ordering: .releasing)
        let sent = egress.sendStaged(to: slot, mtu: Int(mtus[Int(slot)]), now: now)
        if confirming, sent == 0 { sendKeepalive(slot, now: now) }
        sendProbes(to: slot, now: now)
    }

    /// Sends what waits if there is a session; false when there is none.
    func sendStagedIfPossible(_ slot: UInt32, now: Instant) -> Bool {
        guard egress.canSend(to: slot, now: now) else { return false }
        egress.sendStaged(to: slot, mtu: Int(mtus[Int(slot)]), now: now)
        return true
    }

    /// Sends an empty packet if there is a session; true when it left.
    @discardableResult
    func sendKeepalive(_ slot: UInt32, now: Instant) -> Bool {
        let buffer = egress.makeRoom(0, now: now)
        guard case .sent = egress.send(buffer, byteCount: 0, room: 16, to: slot, now: now) else { return false }
        return true
    }

    /// Whether a packet to the peer could be sealed now.
    func hasSession(_ slot: UInt32, now: Instant) -> Bool {
        guard let current = members[Int(slot)]?.current else { return false }
        return !shared.sessions.at(current).pointee.isExpired(at: now)
    }

    /// Ends all sessions of a peer and its handshake under way; gives how many sessions there were.
    @discardableResult
    func endAll(of slot: UInt32) -> Int {
        guard var member = members[Int(slot)] else { return 0 }
        shared.peers.at(slot).pointee.sendSession.store(0, ordering: .releasing)
        let sessions = member.sessions
        for session in sessions { end(session) }
        member.current = nil
        member.previous = nil
        member.next = nil
        if let index = member.peer.pendingIndex { shared.indices.remove(index) }
        member.peer.clearPending()
        members[Int(slot)] = member
        return sessions.count
    }

    /// Makes a session unfindable; its keys are wiped when no worker can be using them.
    private func end(_ session: UInt32?) {
        guard let session else { return }
        let slot = shared.sessions.at(session)
        shared.indices.remove(slot.pointee.index.load(ordering: .relaxed))
        slot.pointee.index.store(0, ordering: .releasing)
        // A worker that is confirming the session just now either sees the zero, or is seen here (`Worker.confirm`).
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = shared.peers.at(slot.pointee.peer).pointee.sendSession.compareExchange(
            expected: session + 1, desired: 0, ordering: .acquiringAndReleasing)
        retire(.session(session))
    }
}
