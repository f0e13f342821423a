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

/// Keeps the engine in the state that the Store describes. Each round reads the desired state, compares it with the engine's report,
/// applies the differences and acknowledges the generation. A missed wake-up costs time, never correctness.
///
/// Commits of this process start a round, and so do those of other processes: at once if they call `lookForChanges`, else within half a
/// second. Such a round looks only at
/// what changed after the last round's generation, so its cost does not grow with the number of devices. At start, after a failure, and
/// when a device expires, a full round compares everything. In addition, each beat checks a 64th of all devices, so that all are compared
/// every half minute and no change waits long. While the Store fails, the engine keeps its state; the failure is logged once.
public final class ReconcileLoop: Sendable {
    /// How often to check for observations to store.
    private static let recording: Duration = .seconds(2)
    /// A change takes 0.2 ms. Without a short slice it would wait until a busy worker's slice of about 4 ms ends.
    private static let slice: Duration = .microseconds(100)
    /// How many first bytes of keys one beat checks.
    private static let bytesPerBeat = 4

    /// The result of the last round that changed something.
    public struct LastApply: Equatable, Sendable {
        public var changedPeers = 0
        public var sessionsDropped = 0
        public var duration: Duration = .zero
    }

    private let database: Database
    private let engine: Engine
    private let recorder: ObservationRecorder
    private let pairs: PairRecorder
    private let copiedKeys: CopiedKeyWatch
    private let rounds: Rounds
    private let logger: Logger
    private let wake: EventDescriptor
    private let isStopping = Atomic<Bool>(false)
    /// When the oldest unread commit of this process was made, in nanoseconds; 0 means none.
    private let committedAt = Atomic<UInt64>(0)
    private let last = Mutex(LastApply())
    private let clock: @Sendable () -> UnixTime
    private let beat: Duration
    private let stopping: EventDescriptor
    private let threads = Mutex<[Linux.Thread]>([])

    /// `clock` is the wall clock, by which devices expire; it may be set forward or back. `beat` is how often to check for commits of other
    /// processes and for expiries. `host` gets the hub's addresses.
    public init(
        database: Database, engine: Engine, host: HostInterface? = nil, logger: Logger, clock: @escaping @Sendable () -> UnixTime = { .now() },
        beat: Duration = .milliseconds(500)
    ) throws(Errno) {
        self.clock = clock
        self.beat = beat
        self.database = database
        self.engine = engine
        self.logger = logger
        recorder = ObservationRecorder(database: database, engine: engine, logger: logger)
        pairs = PairRecorder(database: database, engine: engine, logger: logger)
        copiedKeys = CopiedKeyWatch(database: database, engine: engine, logger: logger)
        rounds = Rounds(database: database, engine: engine, host: host, recorder: recorder, logger: logger)
        wake = try EventDescriptor()
        stopping = try EventDescriptor()
    }

    /// Runs the first round on the calling thread, so that the engine is complete when this returns, then continues on its own thread. A
    /// second thread stores observations, so that no change waits for them. Throws the Store's errors.
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

    /// Ends both threads and stores the last observations.
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
        pairs.recordAll(at: clock())
    }

    /// Looks for changes at once. For changes of other processes, which would be noticed at the next beat.
    public func lookForChanges() { wake.signal() }

    /// The result of the last round that changed something.
    public var lastApply: LastApply { last.withLock { $0 } }

    /// The totals and the last known state of each key, over all runs. `.all` includes keys that are no longer peers.
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
            // When the clock was set back, expired devices become valid again.
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
                // The engine keeps its state; the next beat tries again.
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
            pairs.record(at: clock())
            copiedKeys.look(at: clock())
            _ = try? poller.wait(timeout: Self.recording)
        }
    }

    private func round(after last: Rounds.Reached?, now: UnixTime) throws -> Rounds.Reached {
        // Read before the Store is read: a later commit wakes the next round.
        let committed = committedAt.exchange(0, ordering: .relaxed)
        let since = committed == 0 ? nil : Instant(nanoseconds: committed)
        return note(try engine.urgently { try rounds.round(after: last, now: now, committedAt: since) })
    }

    /// Records the result of a round.
    private func note(_ round: (Rounds.Reached, LastApply?)) -> Rounds.Reached {
        if let applied = round.1 { last.withLock { $0 = applied } }
        return round.0
    }
}
