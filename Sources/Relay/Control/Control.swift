// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// The control side of the engine: peers, handshakes, keypairs and timers. Only the control side writes the shared tables.
///
/// Its turns, `Engine.apply` and `Engine.status` run one at a time under one lock; the packet path never takes it, and no thread of lower
/// priority than the workers ever holds it. The `Control+….swift` files hold its parts. Each of its fields is a type that guards its own state:
///
/// | what | changed by |
/// |---|---|
/// | `peers` | configuration; a peer in it by handshakes, keypairs and timers |
/// | `routing`, `ruleCells` | configuration |
/// | `keypairPlaces` | handshakes allocate, `reclaim` frees |
/// | `retired` | every removal from the shared tables |
/// | `deadlines` | `rearm`, after anything that moves a timer |
/// | `limiter`, `clock` | handshakes |
/// | `probes` | probes |
/// | `reassembly`, `fragment`, `icmpBudget` | fragments of packets to the hub itself |
/// | `taken`, `busySince` | the current turn |
/// | `earlierPairs`, `mayHaveStaleMarks` | freed slots, and the reports of pairs |
final class Control: @unchecked Sendable {
    let shared: SharedState
    let counters: CounterSet
    private let gate = Gate()
    private let deputy = Deputy(name: "control")
    private let wasWorkerRefused = Atomic(false)

    var peers = PeerTable(slots: SharedState.peerSlots)
    var routing: Routing
    var ruleCells = RuleCells()
    var keypairPlaces = SlotPool(0..<UInt32(SharedState.keypairLimit))
    var deadlines = DeadlineHeap()
    var limiter = RateLimiter()
    var clock = HandshakeClock()
    var probes = ProbeList()
    var reassembly = Reassembly()
    /// The fragment in hand; its memory is reused.
    var fragment: [UInt8] = []
    var icmpBudget = ICMPBudget()
    var egress: Egress
    var taken = HandshakeQueue.Taken()
    /// When the last turn took messages, and how many, if it left others in the queue.
    var busySince: (at: Instant, messages: Int)?
    private(set) var retired = RetiredList()
    /// Pairs that were read from the marks before somebody asked for them.
    var earlierPairs: [PeerPair] = []
    /// True if marks may name slots that were freed since they were read.
    var mayHaveStaleMarks = false

    init(shared: SharedState, first: Snapshot, segmenting: Bool) {
        self.shared = shared
        routing = Routing(first: first, hasHost: shared.host != nil)
        counters = shared.counters[shared.sockets.workers]
        egress = Egress(shared: shared, counters: counters, sockets: shared.sockets.of(0), segmenting: segmenting)
    }

    /// Runs `body` exclusively, for any thread. For one of low priority, the deputy does it.
    func locked<R>(_ body: () -> R) -> R { deputy.run { () throws(Never) -> R in lockedHere(body) } }

    /// Like `locked`, for threads that are known to have the priority of the workers. Afterwards wakes a worker that was refused in the meantime.
    func lockedHere<R>(_ body: () -> R) -> R {
        let result = gate.withLock(body)
        if wasWorkerRefused.load(ordering: .sequentiallyConsistent), wasWorkerRefused.exchange(false, ordering: .sequentiallyConsistent) {
            shared.queue.wake.signal()
        }
        return result
    }

    /// Like `locked`, for a worker, which must not wait: returns nil at once when the lock is held. The queue's event is signalled when it
    /// is released.
    func lockedIfFree<R>(_ body: () -> R) -> R? {
        if let result = gate.withLockIfFree(body) { return result }
        wasWorkerRefused.store(true, ordering: .sequentiallyConsistent)
        // The holder may have released the lock before it could see the flag.
        return gate.withLockIfFree(body)
    }

    /// Records an item that was removed from the shared tables.
    func retire(_ item: RetiredList.Item) { retired.append(item, mark: shared.grace.retire()) }

    /// Frees at most `limit` items that no worker can use any more.
    func reclaim(_ limit: Int = .max) {
        for _ in 0..<limit {
            guard let item = retired.popPassed(shared.grace) else { return }
            switch item {
            case .keypair(let slot):
                shared.keypairs.at(slot).wipe()
                keypairPlaces.giveBack(slot)
            case .peer(let slot):
                peers.giveBack(slot)
                mayHaveStaleMarks = true
            case .snapshot(let snapshot): routing.reuse(snapshot)
            }
        }
    }

    /// When `reclaim` should run next: now, or when to check again whether workers still use the oldest item.
    func nextReclaim(now: Instant) -> Instant {
        guard let mark = retired.firstMark else { return .never }
        return shared.grace.hasPassed(mark) ? now : now + Self.reclaimInterval
    }

    private static let reclaimInterval: Duration = .milliseconds(50)

    /// Ends every keypair and wipes all keys. Call after all threads have ended.
    func wipe() {
        for slot in 0..<peers.slotsEnd { if let peer = peers[slot] { endAll(of: peer) } }
        reclaim()
    }
}
