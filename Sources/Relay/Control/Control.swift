// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// The control side of the engine: peers, handshakes, keypairs and timers. Only here are the shared tables written.
///
/// Whoever gives it its turns, `Engine.apply` and `Engine.status` enter one at a time through `locked`; the packet path never does.
/// The files beside this one hold its parts. Each thing that it keeps is a type that guards its own state:
///
/// | what | changed by |
/// |---|---|
/// | `peers` | configuration; a peer in it by handshakes, keypairs and timers |
/// | `routing` | configuration |
/// | `keypairPlaces` | handshakes take, `reclaim` gives back |
/// | `retired` | whoever takes something out of the shared tables |
/// | `deadlines` | `rearm`, after anything that moves a timer |
/// | `limiter`, `clock` | handshakes |
/// | `probes` | probes |
/// | `taken` | the turn that is under way |
final class Control: @unchecked Sendable {
    let shared: SharedState
    let counters: CounterSet
    private let gate = Gate()
    private let wasWorkerRefused = Atomic(false)

    var peers = PeerTable(slots: SharedState.peerSlots)
    var routing: Routing
    var keypairPlaces = SlotPool(0..<UInt32(SharedState.keypairLimit))
    var deadlines = DeadlineHeap()
    var limiter = RateLimiter()
    var clock = HandshakeClock()
    var probes = ProbeList()
    var egress: Egress
    var taken = HandshakeQueue.Taken()
    private(set) var retired = RetiredList()

    init(shared: SharedState, first: Snapshot, segmenting: Bool) {
        self.shared = shared
        routing = Routing(first: first)
        counters = shared.counters[shared.sockets.workers]
        egress = Egress(shared: shared, counters: counters, sockets: shared.sockets.of(0), segmenting: segmenting)
    }

    /// Runs `body` as the only one inside. A worker that was refused meanwhile is called.
    func locked<R>(_ body: () -> R) -> R {
        let result = gate.withLock(body)
        if wasWorkerRefused.load(ordering: .sequentiallyConsistent), wasWorkerRefused.exchange(false, ordering: .sequentiallyConsistent) {
            shared.queue.wake.signal()
        }
        return result
    }

    /// The same for a worker, which must not wait: nil at once if somebody is inside, and the queue's event is signalled when they have left.
    func lockedIfFree<R>(_ body: () -> R) -> R? {
        if let result = gate.withLockIfFree(body) { return result }
        wasWorkerRefused.store(true, ordering: .sequentiallyConsistent)
        // They may have left before they could see that.
        return gate.withLockIfFree(body)
    }

    /// Takes note of what left the shared tables.
    func retire(_ item: RetiredList.Item) { retired.append(item, mark: shared.grace.retire()) }

    /// Gives back what no worker can hold any more, at most so many.
    func reclaim(_ limit: Int = .max) {
        for _ in 0..<limit {
            guard let item = retired.popPassed(shared.grace) else { return }
            switch item {
            case .keypair(let slot):
                shared.keypairs.at(slot).wipe()
                keypairPlaces.giveBack(slot)
            case .peer(let slot): peers.giveBack(slot)
            case .snapshot: break
            }
        }
    }

    /// When there is something to give back: now, or when it is looked again whether workers have let go of it.
    func nextReclaim(now: Instant) -> Instant {
        guard let mark = retired.firstMark else { return .never }
        return shared.grace.hasPassed(mark) ? now : now + Self.reclaimInterval
    }

    private static let reclaimInterval: Duration = .milliseconds(50)

    /// Ends every keypair and wipes all keys; the threads have ended.
    func wipe() {
        for entry in peers.all { if let peer = peers[entry.slot] { endAll(of: peer) } }
        reclaim()
    }
}
