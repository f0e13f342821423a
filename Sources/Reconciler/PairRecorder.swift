// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import Relay
import Store
import Synchronization

/// Stores between which devices packets passed, for the previews of changes. Each pair is stored at most once an hour, so that a busy hub
/// writes little.
///
/// A hub that is killed loses the pairs of its last minute. If the Store fails, the pairs are kept and written later; the failure is logged
/// once.
final class PairRecorder: Sendable {
    /// How often the engine is asked.
    private static let interval: Duration = .seconds(10)
    /// How often pairs that were not stored within the hour are written.
    private static let writeInterval: Duration = .seconds(60)
    /// How long a stored pair is not written again.
    private static let freshness: Duration = .seconds(3600)
    /// How many pairs are written in one transaction, so that edits do not wait behind all of them.
    private static let batch = 500
    /// The most pairs to handle within an hour. Others are left out until the next one.
    private static let limit = 200_000

    private struct State {
        /// Pairs to write.
        var fresh: Set<PeerPair> = []
        /// Pairs written since `hourBegan`.
        var written: Set<PeerPair> = []
        var hourBegan = Instant(nanoseconds: 0)
        var askedAt: Instant?
        var wroteAt: Instant?
    }

    private let database: Database
    private let engine: Engine
    private let logger: Logger
    private let state = Mutex(State())
    private let failure = RecurringFailure()

    init(database: Database, engine: Engine, logger: Logger) {
        self.database = database
        self.engine = engine
        self.logger = logger
    }

    /// Runs periodically; asks and writes when it is time. `now` is the time of the monotonic clock.
    func record(at wall: UnixTime, now: Instant = .now()) {
        guard state.withLock({ $0.askedAt.map { now - $0 >= Self.interval } ?? true }) else { return }
        take(now: now)
        // The first write begins to watch, whether there are pairs or not.
        let isDue = state.withLock { state in
            state.wroteAt.map { now - $0 >= Self.writeInterval && !state.fresh.isEmpty } ?? true
        }
        if isDue { write(at: wall, now: now) }
    }

    /// Asks and writes now, before the hub stops.
    func recordAll(at wall: UnixTime, now: Instant = .now()) {
        take(now: now)
        write(at: wall, now: now)
    }

    private func take(now: Instant) {
        let pairs = engine.takePairs()
        state.withLock { state in
            state.askedAt = now
            if now - state.hourBegan >= Self.freshness {
                state.hourBegan = now
                state.written = []
            }
            for pair in pairs where !state.written.contains(pair) && state.fresh.count + state.written.count < Self.limit {
                state.fresh.insert(pair)
            }
        }
    }

    private func write(at wall: UnixTime, now: Instant) {
        let pairs = Array(state.withLock { $0.fresh })
        do {
            // One transaction even for no pair, which begins to watch.
            for start in stride(from: 0, to: max(1, pairs.count), by: Self.batch) {
                let some = pairs[start..<min(start + Self.batch, pairs.count)]
                try database.write { try $0.recordSpokenPairs(some.lazy.map { ($0.first, $0.second) }, at: wall) }
                state.withLock {
                    $0.fresh.subtract(some)
                    $0.written.formUnion(some)
                }
            }
            state.withLock { $0.wroteAt = now }
            if failure.isOver() { logger.notice("pairs of devices are written again") }
        } catch {
            if failure.isNews(error) { logger.error("pairs of devices cannot be written", metadata: ["error": "\(error)"]) }
        }
    }
}
