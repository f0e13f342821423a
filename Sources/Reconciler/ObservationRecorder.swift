// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Logging
import Net
import Relay
import Store
import Synchronization

/// Stores periodically what the engine learned: where devices are, when they completed a handshake, how much traffic they had.
///
/// What a restart needs (endpoint, handshake, timestamps) and the start of an online period are stored as soon as they change. Byte counts
/// and the length of an online period are stored at the end of every minute, together with the traffic of that minute.
final class ObservationRecorder: Sendable {
    /// How many devices are written in one transaction, so that edits do not wait behind ten thousand of them.
    private static let batch = 100
    /// Queries overlap by this much, because the engine reports a packet a little after it arrived.
    private static let overlap: Duration = .seconds(1)

    private struct State {
        /// As stored when the engine began to count.
        var before: [PublicKey: PeerSight] = [:]
        var written: [PublicKey: PeerSight] = [:]
        var meter = TrafficMeter()
        /// The current minute (Unix seconds / 60); its end triggers a write.
        var minute: Int64?
        var lookedAt = Instant(nanoseconds: 0)
    }

    private let database: Database
    private let engine: Engine
    private let logger: Logger
    private let state = Mutex(State())
    private let failure = RecurringFailure()
    /// Held for one batch: the periodic thread and the removal of a device write from different threads.
    private let writing = Mutex(())

    init(database: Database, engine: Engine, logger: Logger) {
        self.database = database
        self.engine = engine
        self.logger = logger
    }

    /// Reads what earlier runs stored. Throws the Store's errors.
    func load() throws {
        let observations = try database.read { try $0.observations() }
        state.withLock {
            $0.before = observations
            $0.written = observations
            $0.meter = TrafficMeter(observations.values)
        }
    }

    /// What the engine must know about a peer that is added (again); the engine then counts from zero.
    func memory(of key: PublicKey) -> PeerMemory {
        state.withLock { state in
            state.before[key] = state.written[key]
            return Translation.memory(of: state.written[key])
        }
    }

    /// The totals of earlier runs and this one, for every key that was ever seen. For all peers, this includes keys that are no longer
    /// peers.
    func observations(of peers: PeerSelection) -> [PublicKey: PeerSight] {
        let seen = engine.peers(peers)
        return state.withLock { state in
            var observations = peers == .all ? state.written : [:]
            for peer in seen {
                let observation = Translation.sight(of: peer, before: state.before[peer.publicKey])
                if !observation.isEmpty { observations[peer.publicKey] = observation }
            }
            return observations
        }
    }

    /// Runs periodically: stores changes of the peers that were active since the last run and, after each minute, the counts of all peers.
    /// If the Store fails, the next run tries again; the failure is logged once.
    func record(at wall: UnixTime) {
        let now = Instant.now()
        let current = wall.seconds / 60
        let (since, before) = state.withLock { ($0.lookedAt, $0.minute) }
        let isWritten =
            if let before, current > before {
                write(.all, minute: current - 1) { $0 != $1 }
            } else {
                write(.active(since: since - Self.overlap), minute: nil) { $0.isNews(to: $1) }
            }
        guard isWritten else { return }
        state.withLock { state in
            state.lookedAt = now
            state.minute = current
        }
    }

    /// Stores everything about these peers.
    func recordCounts(of peers: PeerSelection, at wall: UnixTime) { _ = write(peers, minute: wall.seconds / 60) { $0 != $1 } }

    /// Forgets the times of the newest handshakes of these keys, also in the Store, where a write of the last seconds may have kept them.
    func forgetTimes(of keys: Set<PublicKey>) throws {
        guard !keys.isEmpty else { return }
        try writing.withLock { _ in
            try database.write { try $0.forgetTimes(of: keys) }
            state.withLock { state in
                for key in keys {
                    state.before[key]?.greatestTimestamp = nil
                    state.written[key]?.greatestTimestamp = nil
                }
            }
        }
    }

    /// `minute` is the one to which new traffic belongs; nil leaves the counts for later. False when the Store did not accept everything.
    private func write(
        _ peers: PeerSelection, minute: Int64?, where isWorthWriting: (_ seen: PeerSight, _ written: PeerSight) -> Bool
    ) -> Bool {
        let keys = engine.keys(of: peers)
        do {
            for start in stride(from: 0, to: keys.count, by: Self.batch) {
                // Read the counts inside the lock, so that stored values never decrease.
                try writing.withLock { _ in
                    let some = engine.peers(.keys(Set(keys[start..<min(start + Self.batch, keys.count)])))
                    let changed: [PeerSight] = state.withLock { state in
                        some.compactMap { peer in
                            let seen = Translation.sight(of: peer, before: state.before[peer.publicKey])
                            guard let written = state.written[peer.publicKey] else { return seen.isEmpty ? nil : seen }
                            return isWorthWriting(seen, written) || minute != nil && state.meter.growth(of: seen).total > 0 ? seen : nil
                        }
                    }
                    if changed.isEmpty { return }
                    try write(changed, minute: minute)
                    if failure.isOver() { logger.notice("observations are written again") }
                }
            }
            return true
        } catch {
            if failure.isNews(error) { logger.error("observations cannot be written", metadata: ["error": "\(error)"]) }
            return false
        }
    }

    private func write(_ changed: [PeerSight], minute: Int64?) throws {
        let (sessions, traffic) = state.withLock { state in
            (
                minute == nil
                    ? changed.filter { seen in state.written[seen.publicKey].map { seen.mayBeginOnlinePeriod(after: $0) } ?? true } : changed,
                minute == nil ? [] : changed.map { ($0.publicKey, state.meter.growth(of: $0)) }.filter { $0.1.total > 0 }
            )
        }
        try database.write {
            try $0.recordObservations(changed)
            try $0.recordOnlinePeriods(of: sessions)
            if let minute { try $0.recordTraffic(traffic, minute: minute) }
        }
        state.withLock { state in
            for observation in changed { state.written[observation.publicKey] = observation }
            if minute != nil { state.meter.count(changed) }
        }
    }
}

extension PeerSight {
    /// True when this key was never seen.
    var isEmpty: Bool { self == PeerSight(publicKey: publicKey) }

    /// Whether something that a restart needs has changed.
    func isNews(to written: PeerSight) -> Bool {
        endpoint != written.endpoint || lastHandshakeAt != written.lastHandshakeAt || greatestTimestamp != written.greatestTimestamp
            || timestampSent != written.timestampSent
    }

    /// Whether an online period may have begun: the key has a new endpoint, or was silent for long. This cannot wait for the end of the
    /// minute.
    func mayBeginOnlinePeriod(after written: PeerSight) -> Bool {
        guard endpoint == written.endpoint, let last = written.lastHeardAt, let heard = lastHeardAt else { return true }
        return heard.seconds(since: last) > 60
    }
}

/// Which part of each key's total counts is already in the traffic history, and so which part is new.
struct TrafficMeter {
    private var counted: [PublicKey: TrafficCell] = [:]

    /// Stored counts are already in the history.
    init(_ stored: some Sequence<PeerSight> = []) { count(stored) }

    /// How much the counts have grown. Lower counts mean that the key started from zero again.
    func growth(of seen: PeerSight) -> TrafficCell {
        let bytes = Self.bytes(of: seen)
        guard let earlier = counted[seen.publicKey], earlier.received <= bytes.received, earlier.sent <= bytes.sent else { return bytes }
        return TrafficCell(received: bytes.received - earlier.received, sent: bytes.sent - earlier.sent)
    }

    /// Records that these counts are now in the history.
    mutating func count(_ observations: some Sequence<PeerSight>) {
        for seen in observations { counted[seen.publicKey] = Self.bytes(of: seen) }
    }

    private static func bytes(of seen: PeerSight) -> TrafficCell {
        TrafficCell(received: UInt64(clamping: seen.receivedBytes), sent: UInt64(clamping: seen.sentBytes))
    }
}
