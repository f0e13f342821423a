// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// The control side of the engine: peers, handshakes, sessions and timers. Only here are the shared tables written.
///
/// Whoever gives it its turns, `Engine.apply` and `Engine.status` enter one at a time through `locked`; the packet path never does.
/// The files beside this one hold its parts: turns, handshakes, sessions, timers, configuration.
final class Control: @unchecked Sendable {
    let shared: SharedState
    private let gate = Gate()
    private let wasWorkerRefused = Atomic(false)

    var members: [Member?] = []
    var slots: [PublicKey: UInt32] = [:]
    var freeSlots: [UInt32] = []
    /// Additions that were refused because the engine was full (WG-C-9).
    var peersWithoutRoom = 0
    var freeSessions: [UInt32] = []
    var sessionsUsed: UInt32 = 0
    var table = ForwardingTable()
    var mtus: [UInt16] = []
    var snapshot: Snapshot
    var appliedGeneration: Int64 = 0
    var deadlines = DeadlineHeap()
    /// New peers whose part of each handshake is not computed yet.
    var unprepared: [UInt32] = []
    var limiter = RateLimiter()
    var retired = Line<Retired>()
    var probes = ProbeList()
    /// Peers whose key two machines were last seen to take turns with, and when.
    var contested: [UInt32: Instant] = [:]
    var egress: Egress
    var greatestTimestampSent = Timestamp.zero
    let counters: CounterSet
    /// What a turn took from the queue.
    var messages: [HandshakeQueue.Message] = []
    var events: [UInt32] = []

    /// What left the shared tables and waits until no worker can hold it.
    struct Retired {
        let mark: UInt64
        let what: What
        enum What {
            case session(UInt32)
            case peer(UInt32)
            case snapshot(Snapshot)
        }
    }

    init(shared: SharedState, first: Snapshot, segmenting: Bool) {
        self.shared = shared
        snapshot = first
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

    /// Gives back what no worker can hold any more, at most so many.
    func reclaim(_ limit: Int = .max) {
        for _ in 0..<limit {
            guard let entry = retired.first, shared.grace.hasPassed(entry.mark) else { return }
            switch entry.what {
            case .session(let slot):
                shared.sessions.at(slot).wipe()
                freeSessions.append(slot)
            case .peer(let slot): freeSlots.append(slot)
            case .snapshot: break
            }
            retired.removeFirst()
        }
    }

    /// When there is something to give back: now, or when it is looked again whether workers have let go of it.
    func nextReclaim(now: Instant) -> Instant {
        guard let first = retired.first else { return .never }
        return shared.grace.hasPassed(first.mark) ? now : now + Self.reclaimInterval
    }

    private static let reclaimInterval: Duration = .milliseconds(50)

    func retire(_ what: Retired.What) { retired.append(Retired(mark: shared.grace.retire(), what: what)) }

    /// Ends every session and wipes all keys; the threads have ended.
    func wipe() {
        for slot in slots.values { endAll(of: slot) }
        reclaim()
    }
}
