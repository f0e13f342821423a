// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization
import WireGuard

/// Manages the memory of keypairs: allocates them, selects the one to send with, and ends them. `Keypairs` decides which role each one has
/// (Documentation/protocol.md section 6).
extension Control {
    /// A free keypair slot; nil when all are in use or still in their grace period.
    func allocateKeypair() -> UInt32? {
        if keypairPlaces.freeCount == 0 { reclaim() }
        return keypairPlaces.take()
    }

    /// The hub answered an initiation: the new keypair waits for the peer's first packet (WG-S-4).
    func addAsNext(_ keypair: UInt32, of peer: Peer, now: Instant) {
        for ended in peer.keypairs.addAsResponder(keypair) { end(ended) }
        peer.timers.keypairDerived(now: now)
    }

    /// The peer answered our initiation. The new keypair is used at once (WG-S-3); the staged packets or a keepalive confirm it to the peer
    /// (WG-S-13).
    func addAsCurrent(_ keypair: UInt32, of peer: Peer, now: Instant) {
        for ended in peer.keypairs.addAsInitiator(keypair) { end(ended) }
        peer.timers.keypairDerived(now: now)
        peer.complete()
        startUsing(keypair, of: peer, now: now, confirming: true)
    }

    /// The first packet under the next keypair arrived, so we send with it from now on (WG-S-5).
    func promote(_ peer: Peer, now: Instant) {
        guard let next = peer.keypairs.next, shared.keypairs.at(next).pointee.isConfirmed.load(ordering: .acquiring) else {
            // The confirmed keypair has already been replaced, but the worker may still have switched to it.
            peer.timers.peerHeard()
            shared.peers.at(peer.slot).pointee.sendKeypair.store(peer.keypairs.current.map { $0 + 1 } ?? 0, ordering: .releasing)
            return
        }
        for ended in peer.keypairs.confirmNext() { end(ended) }
        peer.complete()
        startUsing(next, of: peer, now: now, confirming: false)
    }

    private func startUsing(_ keypair: UInt32, of peer: Peer, now: Instant, confirming: Bool) {
        shared.peers.at(peer.slot).pointee.sendKeypair.store(keypair + 1, ordering: .releasing)
        shared.peers.at(peer.slot).pointee.cookie.end()
        let sent = egress.sendStaged(to: peer.slot, mtu: routing.mtu(of: peer), now: now)
        if confirming, sent == 0 { sendKeepalive(to: peer, now: now) }
        sendProbes(to: peer, now: now)
    }

    /// Sends the staged packets if there is a keypair; false when there is none.
    func sendStagedIfPossible(to peer: Peer, now: Instant) -> Bool {
        guard egress.canSend(to: peer.slot, now: now) else { return false }
        egress.sendStaged(to: peer.slot, mtu: routing.mtu(of: peer), now: now)
        return true
    }

    /// Sends an empty packet if there is a keypair; true when it was sent.
    @discardableResult
    func sendKeepalive(to peer: Peer, now: Instant) -> Bool {
        let buffer = egress.makeRoom(0, now: now)
        guard case .sent = egress.send(buffer, byteCount: 0, room: 16, to: peer.slot, now: now) else { return false }
        return true
    }

    /// Whether a packet to the peer could be encrypted now.
    func hasKeypair(_ peer: Peer, now: Instant) -> Bool {
        guard let current = peer.keypairs.current else { return false }
        return !shared.keypairs.at(current).pointee.age.isExpired(at: now)
    }

    /// Ends all keypairs of a peer and its pending handshake. Returns the number of keypairs.
    @discardableResult
    func endAll(of peer: Peer) -> Int {
        shared.peers.at(peer.slot).pointee.sendKeypair.store(0, ordering: .releasing)
        let ended = peer.keypairs.removeAll()
        for keypair in ended { end(keypair) }
        forgetPending(of: peer)
        return ended.count
    }

    /// Removes a keypair's index. Its keys are wiped once no worker can be using them.
    private func end(_ slot: UInt32) {
        let keypair = shared.keypairs.at(slot)
        shared.indices.remove(keypair.pointee.index.load(ordering: .relaxed))
        keypair.pointee.index.store(0, ordering: .releasing)
        // A worker may be confirming this keypair right now. Either it sees the zero, or we see its change (`Worker.confirm`).
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = shared.peers.at(keypair.pointee.peer).pointee.sendKeypair.compareExchange(
            expected: slot + 1, desired: 0, ordering: .acquiringAndReleasing)
        retire(.keypair(slot))
    }
}
