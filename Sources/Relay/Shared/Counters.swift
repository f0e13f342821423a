// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// The counters of one thread. Only that thread writes, any thread may read, so an increment is a load, an addition and a store without a
/// bus lock.
///
/// When nothing is in progress, the sums over all threads satisfy (WG-Q-4): datagrams and packets of the host received = accepted + dropped on receipt; messages to
/// be sent = sent + dropped on the way out + staged.
struct Counters: ~Copyable, Sendable {
    private let peers: Slab<PeerCounters>
    private let drops: Slab<Atomic<UInt64>>
    private let ledger: DropLedger
    let datagramsReceived = Atomic<UInt64>(0)
    /// Packets that the host sent into the tunnel, super-packets counted once.
    let packetsFromHost = Atomic<UInt64>(0)
    /// When this thread last received a datagram, in nanoseconds; 0 means never.
    let receivedAt = Atomic<UInt64>(0)
    /// Received messages that passed every check of their type. For a transport packet, the last check is that the sender owns its source.
    let datagramsAccepted = Atomic<UInt64>(0)
    /// Messages to be sent: accepted packets to another peer, and the hub's own messages.
    let datagramsRouted = Atomic<UInt64>(0)
    let datagramsSent = Atomic<UInt64>(0)
    /// Datagrams lost by this thread's sockets, as the kernel counts them.
    let socketLosses = Atomic<UInt64>(0)

    init(peers capacity: Int) {
        peers = Slab(capacity: capacity)
        drops = Slab(capacity: DropReason.allCases.count)
        ledger = DropLedger(peers: capacity)
    }

    borrowing func received(_ byteCount: Int, from peer: UInt32) {
        peers.at(peer).pointee.receivedBytes.increment(by: UInt64(byteCount))
    }

    borrowing func sent(_ byteCount: Int, to peer: UInt32) {
        peers.at(peer).pointee.sentBytes.increment(by: UInt64(byteCount))
    }

    /// Counts a drop, also for the two peers of the packet.
    borrowing func drop(_ reason: DropReason, _ parties: Parties = Parties(), count: Int = 1, now: Instant) {
        guard count > 0 else { return }
        drops.at(UInt32(reason.rawValue)).pointee.increment(by: UInt64(count))
        guard parties != Parties() else { return }
        ledger.note(reason, parties, count: count, now: now)
    }

    borrowing func bytes(of peer: UInt32) -> (received: UInt64, sent: UInt64) {
        let counters = peers.at(peer)
        return (counters.pointee.receivedBytes.load(ordering: .relaxed), counters.pointee.sentBytes.load(ordering: .relaxed))
    }

    borrowing func drops(_ reason: DropReason) -> UInt64 { drops.at(UInt32(reason.rawValue)).pointee.load(ordering: .relaxed) }

    /// Drops of known peers for which the ledger had no room.
    var unlistedDrops: UInt64 { ledger.unlisted }

    /// Calls `body` with each count of drops and its peers.
    borrowing func forEachDrop(_ body: (DropReason, Parties, _ count: UInt64, _ lastAt: Instant) -> Void) {
        ledger.forEach(body)
    }

    /// Resets a slot for a new peer. No thread counts for it yet.
    borrowing func reset(_ peer: UInt32) {
        peers.at(peer).pointee.receivedBytes.store(0, ordering: .relaxed)
        peers.at(peer).pointee.sentBytes.store(0, ordering: .relaxed)
        ledger.reset(peer)
    }
}

struct PeerCounters: ~Copyable {
    let receivedBytes: Atomic<UInt64>
    let sentBytes: Atomic<UInt64>
}

extension Atomic where Value == UInt64 {
    /// Adds to the value. Only one thread may write.
    borrowing func increment(by amount: UInt64 = 1) { store(load(ordering: .relaxed) &+ amount, ordering: .relaxed) }
}
