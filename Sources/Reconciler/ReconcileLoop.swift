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

/// Keeps the engine at what the Store says, level-triggered: each round reads desired state, compares it with what the engine reports,
/// applies the differences and acknowledges the generation. A missed wake-up costs time, never correctness.
///
/// Rounds run on commits of this process and on those of others (seen within half a second); these look at what changed after the
/// generation that the last round reached, so that their cost does not grow with the number of devices. At the start, after a failure and
/// when a device expires a full round compares everything. Besides, each beat checks a 64th of all devices, so that after half a minute all were
/// compared and no change ever waits for more than that part. While the Store fails the engine goes on with what it has; the log tells of it once.
public final class ReconcileLoop: Sendable {
    /// How often it is looked whether there are observations to write.
    private static let recording: Duration = .seconds(2)
    /// A change is a piece of work of 0.2 ms: beside a busy worker it would wait for the end of that one's slice of some 4 ms.
    private static let slice: Duration = .microseconds(100)
    /// First bytes of the keys that one beat checks.
    private static let bytesPerBeat = 4

    /// What the last round that changed something did.
    public struct LastApply: Equatable, Sendable {
        public var changedPeers = 0
        public var sessionsDropped = 0
        public var duration: Duration = .zero
    }

    private let database: Database
    private let recorder: ObservationRecorder
    private let rounds: Rounds
    private let logger: Logger
    private let wake: EventDescriptor
    private let isStopping = Atomic<Bool>(false)
    /// When the oldest commit of this process that no round has read yet was made, in nanoseconds; 0 is none.
    private let committedAt = Atomic<UInt64>(0)
    private let last = Mutex(LastApply())
    private let clock: @Sendable () -> UnixTime
    private let beat: Duration
    private let stopping: EventDescriptor
    private let threads = Mutex<[Linux.Thread]>([])

    /// `clock` is the wall clock, which may be set back and forth: devices expire by it. `beat` is how often other processes' commits and
    /// expiries are looked for.
    public init(
        database: Database, engine: Engine, logger: Logger, clock: @escaping @Sendable () -> UnixTime = { .now() },
        beat: Duration = .milliseconds(500)
    ) throws(Errno) {
        self.clock = clock
        self.beat = beat
        self.database = database
        self.logger = logger
        recorder = ObservationRecorder(database: database, engine: engine, logger: logger)
        rounds = Rounds(database: database, engine: engine, recorder: recorder, logger: logger)
        wake = try EventDescriptor()
        stopping = try EventDescriptor()
    }

    /// Runs the first round on the calling thread, so that the engine is complete when this returns, then goes on in a thread of its own;
    /// another one writes observations, so that no change waits behind them. Throws what the Store throws.
    public func start() throws {
        try recorder.load()
        let reached = try round(after: nil, now: clock())
        database.onChange { [self] _ in
            _ = committedAt.compareExchange(expected: 0, desired: Instant.now().nanoseconds, ordering: .relaxed)
            wake.signal()
        }
        let threads = [
            try Linux.Thread(name: "reconciler", slice: Self.slice) { [self] in run(from: reached) },
            try Linux.Thread(name: "recorder") { [self] in record() },
        ]
        self.threads.withLock { $0 = threads }
    }

    /// Ends the threads and writes the last observations.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        stopping.signal()
        let running = threads.withLock { threads in
            defer { threads.removeAll() }
            return threads
        }
        for thread in running { thread.join() }
        database.onChange { _ in }
        recorder.recordCounts(of: .all, at: clock())
    }

    /// What the last round that changed something did.
    public var lastApply: LastApply { last.withLock { $0 } }

    /// All-time counts and what was learned of each key: this run on top of earlier ones. `.all` tells of keys that are no peers now, too.
    public func observations(of peers: PeerSelection) -> [PublicKey: PeerSight] { recorder.observations(of: peers) }

    private func run(from first: Rounds.Reached) {
        guard var poller = try? Poller(capacity: 1), (try? poller.add(wake.descriptor, token: 0, for: .readable)) != nil else {
            logger.critical("the reconciler cannot wait for changes; restart the hub")
            return
        }
        var reached: Rounds.Reached? = first
        var seenVersion: Int64?
        var (checkAt, nextByte) = (Instant.now() + beat, 0)
        while !isStopping.load(ordering: .acquiring) {
            _ = try? poller.wait(timeout: beat)
            let wasWoken = wake.drain()
            let now = clock()
            let isExpiryDue = reached?.nextExpiry.map { $0 <= now } ?? false
            // A clock that was set back brings devices back.
            let isClockBack = reached.map { now < $0.at } ?? false
            if isExpiryDue || isClockBack { reached = nil }
            do {
                let version = try database.dataVersion()
                if reached?.isAcknowledged != true || wasWoken || version != seenVersion { reached = try round(after: reached, now: now) }
                seenVersion = version
                if let last = reached, last.isAcknowledged, Instant.now() >= checkAt {
                    let bytes = UInt8(nextByte)...UInt8(nextByte + Self.bytesPerBeat - 1)
                    if let checked = try rounds.check(keysBeginning: bytes, after: last, now: now) {
                        reached = note(checked)
                        (checkAt, nextByte) = (Instant.now() + beat, (nextByte + Self.bytesPerBeat) % 256)
                    }
                }
                if reached?.isAcknowledged == true, rounds.isFailureOver() { logger.notice("reconciling works again") }
            } catch {
                // The engine goes on with what it has; the next beat tries again.
                rounds.tell(error)
                reached = nil
                Linux.Thread.sleep(.seconds(1))
            }
        }
    }

    private func record() {
        guard var poller = try? Poller(capacity: 1), (try? poller.add(stopping.descriptor, token: 0, for: .readable)) != nil else {
            logger.critical("observations cannot be written; restart the hub")
            return
        }
        while !isStopping.load(ordering: .acquiring) {
            recorder.record(at: clock())
            _ = try? poller.wait(timeout: Self.recording)
        }
    }

    private func round(after last: Rounds.Reached?, now: UnixTime) throws -> Rounds.Reached {
        // Taken before the Store is read: a commit after that wakes the next round.
        let committed = committedAt.exchange(0, ordering: .relaxed)
        return note(try rounds.round(after: last, now: now, committedAt: committed == 0 ? nil : Instant(nanoseconds: committed)))
    }

    /// Notes what a round applied.
    private func note(_ round: (Rounds.Reached, LastApply?)) -> Rounds.Reached {
        if let applied = round.1 { last.withLock { $0 = applied } }
        return round.0
    }
}
