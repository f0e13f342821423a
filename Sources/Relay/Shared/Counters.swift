// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// What one thread counted. One writer, read by anybody; so a count is a load, an addition and a store, without a lock on the bus.
///
/// Once nothing is under way the sums over all threads hold (WG-Q-4): datagrams received are those accepted and those dropped on
/// receipt; messages to be sent are those sent, those dropped on the way out and those staged.
struct Counters: ~Copyable, Sendable {
    private let peers: Slab<PeerCounters>
    private let drops: Slab<Atomic<UInt64>>
    private let ledger: DropLedger
    let datagramsReceived = Atomic<UInt64>(0)
    /// Received messages that passed every check of their type; a transport packet once its source is found to be the sender's.
    let datagramsAccepted = Atomic<UInt64>(0)
    /// Whatever should leave: accepted packets on their way to another peer, and the hub's own messages.
    let datagramsRouted = Atomic<UInt64>(0)
    let datagramsSent = Atomic<UInt64>(0)
    /// Losses of this thread's sockets, as the kernel counts them.
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

    /// Counts a drop, also for the peers whose packet it was.
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

    /// Drops of known peers that the ledger had no place for.
    var unlistedDrops: UInt64 { ledger.unlisted }

    /// Lends each count of drops with its peers to `body`.
    borrowing func forEachDrop(_ body: (DropReason, Parties, _ count: UInt64, _ lastAt: Instant) -> Void) {
        ledger.forEach(body)
    }

    /// For a slot that gets a new peer. Nobody counts for it yet.
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
    /// Adds as the only writer.
    borrowing func increment(by amount: UInt64 = 1) { store(load(ordering: .relaxed) &+ amount, ordering: .relaxed) }
}
