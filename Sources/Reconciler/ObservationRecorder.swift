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

/// Brings what the engine learned back to the Store, on a slow beat: where devices are, when they shook hands, how much they moved.
/// What a restart needs (endpoint, handshake, timestamps) is written as soon as it changes, and so is a session that begins. Byte counts, and how
/// long a session goes on, are written at the end of every minute, together with what the counts grew by: the traffic of that minute.
final class ObservationRecorder: Sendable {
    /// Devices written in one transaction, so that edits do not wait behind ten thousand of them.
    private static let batch = 100
    /// Looks overlap, since the engine tells of a packet a little after it came.
    private static let overlap: Duration = .seconds(1)

    private struct State {
        /// As the Store had it when the engine began to count.
        var before: [PublicKey: PeerSight] = [:]
        var written: [PublicKey: PeerSight] = [:]
        var meter = TrafficMeter()
        /// The minute (Unix seconds / 60) whose end is waited for.
        var minute: Int64?
        var lookedAt = Instant(nanoseconds: 0)
    }

    private let database: Database
    private let engine: Engine
    private let logger: Logger
    private let state = Mutex(State())
    private let failure = RecurringFailure()
    /// Held for one batch: the beat and a device that leaves write from different threads.
    private let writing = Mutex(())

    init(database: Database, engine: Engine, logger: Logger) {
        self.database = database
        self.engine = engine
        self.logger = logger
    }

    /// Reads what earlier runs left. Throws what the Store throws.
    func load() throws {
        let observations = try database.read { try $0.observations() }
        state.withLock {
            $0.before = observations
            $0.written = observations
            $0.meter = TrafficMeter(observations.values)
        }
    }

    /// What the engine should know of a peer that it gets (again); its counts begin at zero there.
    func memory(of key: PublicKey) -> PeerMemory {
        state.withLock { state in
            state.before[key] = state.written[key]
            return Translation.memory(of: state.written[key])
        }
    }

    /// Earlier runs and this one together, of keys of which anything was seen. For all peers, keys that were seen earlier and are no peers now are among them.
    func observations(of peers: PeerSelection) -> [PublicKey: PeerSight] {
        let status = engine.status(of: peers)
        return state.withLock { state in
            var observations = peers == .all ? state.written : [:]
            for peer in status.peers {
                let observation = Translation.sight(of: peer, before: state.before[peer.publicKey])
                if !observation.isEmpty { observations[peer.publicKey] = observation }
            }
            return observations
        }
    }

    /// The beat: writes what is news of the peers that were active since the last one, and after each minute the counts of all. What the Store
    /// does not take is tried again on the next beat; the log tells of it once.
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

    /// Writes all there is of these peers.
    func recordCounts(of peers: PeerSelection, at wall: UnixTime) { _ = write(peers, minute: wall.seconds / 60) { $0 != $1 } }

    /// `minute` is the one that grown counts belong to; nil leaves them for later. False when the Store did not take all of it.
    private func write(
        _ peers: PeerSelection, minute: Int64?, where isWorthWriting: (_ seen: PeerSight, _ written: PeerSight) -> Bool
    ) -> Bool {
        let keys = engine.keys(of: peers)
        do {
            for start in stride(from: 0, to: keys.count, by: Self.batch) {
                // The counts are read inside, so that what is written never goes back.
                try writing.withLock { _ in
                    let status = engine.status(of: .keys(Set(keys[start..<min(start + Self.batch, keys.count)])))
                    let changed: [PeerSight] = state.withLock { state in
                        status.peers.compactMap { peer in
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
                minute == nil ? changed.filter { seen in state.written[seen.publicKey].map { seen.mayBeginSession(after: $0) } ?? true } : changed,
                minute == nil ? [] : changed.map { ($0.publicKey, state.meter.growth(of: $0)) }.filter { $0.1.total > 0 }
            )
        }
        try database.write {
            try $0.recordObservations(changed)
            try $0.recordSessions(of: sessions)
            if let minute { try $0.recordTraffic(traffic, minute: minute) }
        }
        state.withLock { state in
            for observation in changed { state.written[observation.publicKey] = observation }
            if minute != nil { state.meter.count(changed) }
        }
    }
}

extension PeerSight {
    /// Nothing was ever seen of this key.
    var isEmpty: Bool { self == PeerSight(publicKey: publicKey) }

    /// Something that a restart needs has changed.
    func isNews(to written: PeerSight) -> Bool {
        endpoint != written.endpoint || lastHandshakeAt != written.lastHandshakeAt || greatestTimestamp != written.greatestTimestamp
            || timestampSent != written.timestampSent
    }

    /// The key is somewhere else, or was silent for longer than the end of the next minute is away: whether a session goes on is decided now.
    func mayBeginSession(after written: PeerSight) -> Bool {
        guard endpoint == written.endpoint, let last = written.lastHeardAt, let heard = lastHeardAt else { return true }
        return heard.seconds(since: last) > 60
    }
}
