// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// The control side of the engine: peers, handshakes, sessions and timers. Only here are the shared tables written.
///
/// The handshake thread, `Engine.apply` and `Engine.status` enter one at a time through `locked`; the packet path never does.
/// The files beside this one hold its parts: handshakes, sessions, timers, configuration.
final class Control: @unchecked Sendable {
    let shared: SharedState
    private let gate = Gate()

    var members: [Member?] = []
    var slots: [PublicKey: UInt32] = [:]
    var freeSlots: [UInt32] = []
    /// Additions that were refused because the engine was full (C-9).
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
    var retired: [Retired] = []
    var probes = ProbeList()
    /// Peers whose key two machines were last seen to take turns with, and when.
    var contested: [UInt32: Instant] = [:]
    var egress: Egress
    var greatestTimestampSent = Timestamp.zero
    let counters: CounterSet

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

    /// Runs `body` as the only one inside.
    func locked<R>(_ body: () -> R) -> R { gate.withLock(body) }

    // MARK: The handshake thread

    /// Messages handled before timers and events get their turn again.
    private static let messagesPerTurn = 8

    /// Runs until the engine stops.
    func run() throws(Errno) {
        var poller = try Poller(capacity: 1)
        try poller.add(shared.queue.wake.descriptor, token: 0, for: .readable)
        var messages: [HandshakeQueue.Message] = []
        var peers: [UInt32] = []
        while !shared.isStopping.load(ordering: .acquiring) {
            let hasMore = shared.queue.take(limit: Self.messagesPerTurn, messages: &messages, peers: &peers)
            let next = locked { turn(messages, peers) }
            guard !hasMore, !locked({ prepareSome() }) else { continue }
            _ = try poller.wait(timeout: next.map { max(.zero, $0 - Instant.now()) })
            shared.queue.wake.drain()
        }
    }

    /// How soon it is looked again whether workers have let go of what was retired.
    private static let reclaimInterval: Duration = .milliseconds(50)

    /// One turn: events of peers first, then handshakes, then timers. Gives the moment by which the next one is due.
    private func turn(_ messages: [HandshakeQueue.Message], _ peers: [UInt32]) -> Instant? {
        let now = Instant.now()
        for peer in peers { look(at: peer, now: now) }
        for message in messages { handle(message, now: now) }
        while let peer = deadlines.popDue(at: now) { runTimers(of: peer, now: now) }
        runProbes(now: now)
        egress.flush(now: now)
        reclaim()
        let reclaimAt = retired.isEmpty ? nil : now + Self.reclaimInterval
        return [deadlines.next, probes.deadline, reclaimAt].compactMap { $0 }.min()
    }

    /// Gets a few new peers ready while nothing else is to be done, so that a hub with many devices starts at once. True when some are left.
    private func prepareSome() -> Bool {
        for slot in unprepared.suffix(Self.messagesPerTurn) { members[Int(slot)]?.peer.prepare(shared.identity) }
        unprepared.removeLast(min(Self.messagesPerTurn, unprepared.count))
        if unprepared.isEmpty { unprepared = [] }
        return !unprepared.isEmpty
    }

    /// Answers the events that workers filed for a peer.
    private func look(at slot: UInt32, now: Instant) {
        let events = PeerEvents(rawValue: shared.peers.at(slot).pointee.events.exchange(0, ordering: .acquiringAndReleasing))
        guard members[Int(slot)] != nil else { return }
        if events.contains(.contested) { contested[slot] = now }
        if events.contains(.confirmed) { promote(slot, now: now) }
        if events.contains(.rekeyWanted) { initiateIfIdle(slot, now: now) }
        // A session may have come while the packet was on its way to the others that wait.
        if events.contains(.staged), sendStagedIfPossible(slot, now: now) == false { initiateIfIdle(slot, now: now) }
        if events.contains(.timer), members[Int(slot)]!.timers.hasGivenUp { noteWhetherHeard(slot, now: now) }
        rearm(slot)
    }

    /// A peer that was given up may still send under a session that lives.
    private func noteWhetherHeard(_ slot: UInt32, now: Instant) {
        let heard = Instant(nanoseconds: shared.peers.at(slot).pointee.activity.lastReceived.load(ordering: .relaxed))
        if now - heard < Constants.keepaliveTimeout { members[Int(slot)]!.timers.peerHeard() }
    }

    /// Gives back what no worker can hold any more.
    func reclaim() {
        guard let first = retired.first, shared.grace.hasPassed(first.mark) else { return }
        let passed = retired.prefix { shared.grace.hasPassed($0.mark) }
        for entry in passed {
            switch entry.what {
            case .session(let slot):
                shared.sessions.at(slot).wipe()
                freeSessions.append(slot)
            case .peer(let slot): freeSlots.append(slot)
            case .snapshot: break
            }
        }
        retired.removeFirst(passed.count)
    }

    func retire(_ what: Retired.What) { retired.append(Retired(mark: shared.grace.retire(), what: what)) }

    /// Ends every session and wipes all keys; the threads have ended.
    func wipe() {
        for slot in slots.values { endAll(of: slot) }
        reclaim()
    }
}
