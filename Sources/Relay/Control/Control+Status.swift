// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// What the engine reports to the outside.
extension Control {
    /// The engine's status without its peers.
    func overview() -> EngineStatus {
        let now = Instant.now()
        let wall = Int64(clamping: UnixTime.nowInNanoseconds())
        let sets = shared.counters
        let sum = { (counter: (CounterSet) -> UInt64) in sets.reduce(0) { $0 + counter($1) } }
        let hits = ruleHits(now: now, wall: wall)
        return EngineStatus(
            appliedGeneration: routing.generation, listen: shared.sockets.listen, workers: shared.sockets.workers,
            peers: [],
            drops: Dictionary(
                uniqueKeysWithValues: DropReason.allCases.map { reason in (reason, sum { $0.counters.drops(reason) }) }.filter { $0.1 > 0 }),
            pairDrops: pairDrops(now: now, wall: wall), unlistedDrops: sum { $0.counters.unlistedDrops },
            datagramsReceived: sum {
                $0.counters.datagramsReceived.load(ordering: .relaxed) + $0.counters.packetsFromHost.load(ordering: .relaxed)
            },
            datagramsAccepted: sum { $0.counters.datagramsAccepted.load(ordering: .relaxed) },
            datagramsRouted: sum { $0.counters.datagramsRouted.load(ordering: .relaxed) },
            datagramsSent: sum { $0.counters.datagramsSent.load(ordering: .relaxed) },
            socketLosses: sum { $0.counters.socketLosses.load(ordering: .relaxed) }, contestedKeys: contestedKeys(now: now),
            strangers: strangers(now: now, wall: wall), lastDatagram: lastDatagram(now: now, wall: wall),
            ruleHits: hits.rules, endHits: hits.end, evictedFlows: shared.flows.evicted)
    }

    private func contestedKeys(now: Instant) -> [ContestedKey] {
        peers.contested(within: MoveCell.memory, now: now).map {
            ContestedKey(publicKey: $0.configuration.publicKey, endpoints: shared.moves.at($0.slot).pointee.endpoints)
        }
    }

    private func strangers(now: Instant, wall: Int64) -> [Stranger] {
        var found: [Stranger] = []
        shared.strangers.forEach { source, reason, at in
            found.append(Stranger(source: source, reason: reason, lastAt: Self.wallSeconds(of: at, now: now, wall: wall)))
        }
        return found
    }

    private func lastDatagram(now: Instant, wall: Int64) -> Int64? {
        let last = shared.counters.map { $0.counters.receivedAt.load(ordering: .relaxed) }.max() ?? 0
        return last == 0 ? nil : Self.wallSeconds(of: Instant(nanoseconds: last), now: now, wall: wall)
    }

    /// The selected peers in these slots; nil when there are no slots above.
    func keys(of selection: PeerSelection, in slots: Range<UInt32>) -> [PublicKey]? {
        guard slots.lowerBound < peers.slotsEnd else { return nil }
        return switch selection {
        case .all: peers.keys(in: slots) { _, _ in true }
        case .keys(let keys): peers.keys(in: slots) { slot, _ in peers[slot].map { keys.contains($0.configuration.publicKey) } ?? false }
        case .keysBeginning(let bytes): peers.keys(in: slots) { _, first in bytes.contains(first) }
        case .active(let since):
            peers.keys(in: slots) { slot, _ in
                let stamp = shared.peers.at(slot).pointee.activity.lastAuthenticated.load(ordering: .relaxed)
                return stamp != 0 && stamp >= since.nanoseconds
            }
        }
    }

    /// Those of the given keys that are peers, in the order of their slots.
    func known(_ keys: Set<PublicKey>) -> [PublicKey] {
        keys.compactMap { key in peers[key].map { (key: key, slot: $0.slot) } }.sorted { $0.slot < $1.slot }.map(\.key)
    }

    /// The configurations of the given peers, without the status that `statuses` adds. Removed peers are left out.
    func configurations(of keys: ArraySlice<PublicKey>) -> [PeerConfiguration] { keys.compactMap { peers[$0]?.configuration } }

    /// The status of the given peers. Removed peers are left out.
    func statuses(of keys: ArraySlice<PublicKey>, drops: [PublicKey: [DropReason: UInt64]]) -> [PeerStatus] {
        let now = Instant.now()
        let wall = Int64(clamping: UnixTime.nowInNanoseconds())
        return keys.compactMap { key in peers[key].map { status(of: $0, drops: drops[key] ?? [:], now: now, wall: wall) } }
    }

    private func status(of peer: Peer, drops: [DropReason: UInt64], now: Instant, wall: Int64) -> PeerStatus {
        let cell = shared.peers.at(peer.slot)
        let seconds = { (stamp: UInt64) in stamp == 0 ? nil : Self.wallSeconds(of: Instant(nanoseconds: stamp), now: now, wall: wall) }
        let time = { (instant: Instant?) in instant.map { Self.wallSeconds(of: $0, now: now, wall: wall) } }
        let attempts = peer.attempts
        let isUnheard = attempts.calledAt.map { lastHeard(peer) < $0 } ?? false
        var (received, sent): (UInt64, UInt64) = (0, 0)
        for set in shared.counters {
            let bytes = set.counters.bytes(of: peer.slot)
            received += bytes.received
            sent += bytes.sent
        }
        return PeerStatus(
            configuration: peer.configuration, endpoint: cell.pointee.path.load().remote.endpoint, lastHandshake: peer.lastHandshake,
            lastReceived: seconds(cell.pointee.activity.lastReceived.load(ordering: .relaxed)),
            lastDataReceived: seconds(cell.pointee.activity.lastDataReceived.load(ordering: .relaxed)),
            answered: attempts.answered, answeredAt: time(attempts.answeredAt), called: isUnheard ? attempts.called : 0,
            calledSince: isUnheard ? time(attempts.calledSince) : nil, calledAt: isUnheard ? time(attempts.calledAt) : nil,
            receivedBytes: received, sentBytes: sent, hasKeypair: hasKeypair(peer, now: now),
            greatestTimestamp: peer.handshake.greatestTimestamp == .zero ? nil : peer.handshake.greatestTimestamp.bytes,
            timestampSent: peer.timestampSent == .zero ? nil : peer.timestampSent.bytes,
            staged: cell.pointee.staged.waiting, drops: drops)
    }

    /// Converts an instant to Unix seconds; `wall` is the wall-clock time at `now`, in nanoseconds. Rounds so that repeated calls return
    /// the same second.
    static func wallSeconds(of instant: Instant, now: Instant, wall: Int64) -> Int64 {
        (wall - (now - instant).nanoseconds) / 1_000_000_000
    }

    /// The drops of all threads, added up, the most frequent first. Pairs with a removed peer are left out.
    private func pairDrops(now: Instant, wall: Int64) -> [PairDrop] {
        var pairs: [DropKey: PairDrop] = [:]
        for set in shared.counters {
            set.counters.forEachDrop { reason, parties, count, lastAt in
                let (from, to) = (key(of: parties.sender), key(of: parties.receiver))
                guard (from == nil) == (parties.sender == Parties.nobody), (to == nil) == (parties.receiver == Parties.nobody) else { return }
                let at = Self.wallSeconds(of: lastAt, now: now, wall: wall)
                let key = DropKey(reason: reason, from: from, to: to)
                let before = pairs[key] ?? PairDrop(reason: reason, from: from, to: to, count: 0, lastAt: at)
                pairs[key] = PairDrop(reason: reason, from: from, to: to, count: before.count + count, lastAt: max(before.lastAt, at))
            }
        }
        return pairs.values.sorted { ($1.count, $0.reason.rawValue) < ($0.count, $1.reason.rawValue) }
    }

    /// Starts a trace of a peer. Returns the reason when that is not possible.
    func startTrace(of peer: PublicKey, count: Int) -> Errno? {
        guard let slot = peers[peer]?.slot else { return .noSuchFile }
        return shared.trace.start(slot, count: count, now: Instant.now()) ? nil : .busy
    }

    /// The packets traced since the last call, and whether the trace has ended.
    func traced() -> (packets: [TracedPacket], isDone: Bool) {
        let (now, wall) = (Instant.now(), Int64(clamping: UnixTime.nowInNanoseconds()))
        let (entries, isDone) = shared.trace.take(now: now)
        let packets = entries.map { entry in
            TracedPacket(
                at: wall - (now - entry.at).nanoseconds, type: entry.note.type, from: key(of: entry.parties.sender),
                to: key(of: entry.parties.receiver), outside: entry.note.outside.endpoint, source: entry.note.source,
                destination: entry.note.destination, byteCount: entry.note.byteCount,
                nextProtocol: entry.note.nextProtocol, verdict: entry.note.rule.map { .refused(rule: Int($0)) } ?? entry.note.verdict)
        }
        return (packets, isDone)
    }

    private func key(of slot: UInt32) -> PublicKey? { peers[slot]?.configuration.publicKey }
}

private struct DropKey: Hashable {
    var reason: DropReason
    var from: PublicKey?
    var to: PublicKey?
}
