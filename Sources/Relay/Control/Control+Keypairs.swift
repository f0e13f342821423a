// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization
import WireGuard

/// Where keypairs come from, move and end (protocol.md section 6).
extension Control {
    /// A free keypair slot; nil when all are in use or not yet through their grace period.
    func allocateKeypair() -> UInt32? {
        if freeKeypairs.isEmpty { reclaim() }
        if let slot = freeKeypairs.popLast() { return slot }
        guard keypairsUsed < UInt32(SharedState.keypairLimit) else { return nil }
        defer { keypairsUsed += 1 }
        return keypairsUsed
    }

    /// The hub answered an initiation: the new keypair waits as next for the peer's first packet (S-4).
    func addAsNext(_ keypair: UInt32, of slot: UInt32, now: Instant) {
        guard members[Int(slot)] != nil else { return }
        end(members[Int(slot)]!.next)
        end(members[Int(slot)]!.previous)
        members[Int(slot)]!.next = keypair
        members[Int(slot)]!.previous = nil
        members[Int(slot)]!.timers.keypairDerived(now: now)
    }

    /// The peer answered our initiation: the new keypair is used at once (S-3), and confirmed to the peer by staged packets or a keepalive (S-13).
    func addAsCurrent(_ keypair: UInt32, of slot: UInt32, now: Instant) {
        guard var peer = members[Int(slot)] else { return }
        if let next = peer.next {
            end(peer.previous)
            end(peer.current)
            peer.previous = next
            peer.next = nil
        } else {
            end(peer.previous)
            peer.previous = peer.current
        }
        peer.current = keypair
        peer.timers.keypairDerived(now: now)
        peer.complete()
        members[Int(slot)] = peer
        startUsing(keypair, of: slot, now: now, confirming: true)
    }

    /// The first packet under the next keypair came: from now on it is sent with (S-5).
    func promote(_ slot: UInt32, now: Instant) {
        guard let next = members[Int(slot)]?.next,
            shared.keypairs.at(next).pointee.isConfirmed.load(ordering: .acquiring)
        else {
            // The keypair that was confirmed has a successor already, and the worker may have switched to it all the same.
            members[Int(slot)]?.timers.peerHeard()
            shared.peers.at(slot).pointee.sendKeypair.store(members[Int(slot)]?.current.map { $0 + 1 } ?? 0, ordering: .releasing)
            return
        }
        end(members[Int(slot)]!.previous)
        members[Int(slot)]!.previous = members[Int(slot)]!.current
        members[Int(slot)]!.current = next
        members[Int(slot)]!.next = nil
        members[Int(slot)]!.complete()
        startUsing(next, of: slot, now: now, confirming: false)
    }

    private func startUsing(_ keypair: UInt32, of slot: UInt32, now: Instant, confirming: Bool) {
        shared.peers.at(slot).pointee.sendKeypair.store(keypair + 1, ordering: .releasing)
        let sent = egress.sendStaged(to: slot, mtu: Int(mtus[Int(slot)]), now: now)
        if confirming, sent == 0 { sendKeepalive(slot, now: now) }
        sendProbes(to: slot, now: now)
    }

    /// Sends what waits if there is a keypair; false when there is none.
    func sendStagedIfPossible(_ slot: UInt32, now: Instant) -> Bool {
        guard egress.canSend(to: slot, now: now) else { return false }
        egress.sendStaged(to: slot, mtu: Int(mtus[Int(slot)]), now: now)
        return true
    }

    /// Sends an empty packet if there is a keypair; true when it left.
    @discardableResult
    func sendKeepalive(_ slot: UInt32, now: Instant) -> Bool {
        let buffer = egress.makeRoom(0, now: now)
        guard case .sent = egress.send(buffer, byteCount: 0, room: 16, to: slot, now: now) else { return false }
        return true
    }

    /// Whether a packet to the peer could be sealed now.
    func hasKeypair(_ slot: UInt32, now: Instant) -> Bool {
        guard let current = members[Int(slot)]?.current else { return false }
        return !shared.keypairs.at(current).pointee.isExpired(at: now)
    }

    /// Ends all keypairs of a peer and its handshake under way; gives how many keypairs there were.
    @discardableResult
    func endAll(of slot: UInt32) -> Int {
        guard var peer = members[Int(slot)] else { return 0 }
        shared.peers.at(slot).pointee.sendKeypair.store(0, ordering: .releasing)
        let keypairs = peer.keypairs
        for keypair in keypairs { end(keypair) }
        peer.current = nil
        peer.previous = nil
        peer.next = nil
        if let index = peer.handshake.pendingIndex { shared.indices.remove(index) }
        peer.handshake.clearPending()
        members[Int(slot)] = peer
        return keypairs.count
    }

    /// Makes a keypair unfindable; its keys are wiped when no worker can be using them.
    private func end(_ keypair: UInt32?) {
        guard let keypair else { return }
        let slot = shared.keypairs.at(keypair)
        shared.indices.remove(slot.pointee.index.load(ordering: .relaxed))
        slot.pointee.index.store(0, ordering: .releasing)
        // A worker that is confirming the keypair just now either sees the zero, or is seen here (`Worker.confirm`).
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = shared.peers.at(slot.pointee.peer).pointee.sendKeypair.compareExchange(
            expected: keypair + 1, desired: 0, ordering: .acquiringAndReleasing)
        retire(.keypair(keypair))
    }
}
