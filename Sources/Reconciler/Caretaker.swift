// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import Store
import Synchronization

/// Does periodic work on its own thread: undoes changes that nobody confirmed in time, ends links of devices whose time is over, and removes
/// expired one-time links, some of which contain a private key, requests for links that nobody answered, audit entries past their retention
/// time, and pairs of devices that no longer speak. While the Store fails, the failure is logged once.
/// Thread rule: call `start` and `stop` from the same thread.
public final class Caretaker: Sendable {
    /// The minimum time in seconds between two removals of old audit entries, because each removal adds an entry itself, and of old pairs,
    /// because that reads all of them.
    static let retentionInterval: Int64 = 3600

    private let database: Database
    private let logger: Logger
    private let clock: @Sendable () -> UnixTime
    private let thread: BeatThread
    private let lastRetention = Mutex<UnixTime?>(nil)
    private let lastForgetting = Mutex<UnixTime?>(nil)
    private let (revertFailure, endFailure, removalFailure) = (RecurringFailure(), RecurringFailure(), RecurringFailure())

    /// `clock` is the wall clock, which may be set forward or back. `beat` is the time between two rounds.
    public init(
        database: Database, logger: Logger, clock: @escaping @Sendable () -> UnixTime = { .now() }, beat: Duration = .seconds(2)
    ) throws(Errno) {
        self.database = database
        self.logger = logger
        self.clock = clock
        thread = try BeatThread(name: "caretaker", beat: beat)
    }

    /// Runs the first round on the calling thread, so that the engine does not start with a change or a link whose time ran out while the hub was
    /// down, then continues on its own thread.
    public func start() throws(Errno) {
        look(at: clock(), moment: .now)
        try thread.start { [self] in
            look(at: clock(), moment: .now)
        } orFail: { [logger] in
            logger.critical("unconfirmed changes are not undone and nothing expires; restart the hub")
        }
    }

    /// Ends the thread after its current round.
    public func stop() { thread.stop() }

    /// Runs one round. `moment` comes from a clock that cannot be set, so that setting the wall clock back makes no wait longer.
    func look(at now: UnixTime, moment: ContinuousClock.Instant) {
        attempt(revertFailure, "unconfirmed changes are not undone for now") { try database.revertUnconfirmed(at: now, moment: moment) }
        attempt(endFailure, "links whose time is over are not ended for now") { try database.endTimedLinks(at: now, moment: moment) }
        attempt(removalFailure, "expired links and old audit entries are not removed for now") { try removeWhatIsOver(at: now) }
    }

    private func removeWhatIsOver(at now: UnixTime) throws {
        let (links, requests, entries) = try database.read {
            (try $0.hasExpiredLinks(at: now), try $0.hasOldLinkRequests(at: now), try $0.hasOldAuditEntries(at: now))
        }
        if links { try database.write { try $0.removeExpiredLinks(at: now) } }
        if requests { try database.write { try $0.removeOldLinkRequests(at: now) } }
        if entries { try hourly(lastRetention, at: now) { try database.write { try $0.removeOldAuditEntries(at: now) } } }
        try hourly(lastForgetting, at: now) {
            guard try database.read({ try $0.hasOldSpokenPairs(at: now) }) else { return }
            try database.write { try $0.removeOldSpokenPairs(at: now) }
        }
    }

    /// Does some work at most once an hour.
    private func hourly(_ last: borrowing Mutex<UnixTime?>, at now: UnixTime, _ work: () throws -> Void) throws {
        // If the clock was set back, the last time seems to be in the future.
        guard last.withLock({ $0.map { !(0..<Self.retentionInterval).contains(now.seconds(since: $0)) } ?? true }) else { return }
        try work()
        last.withLock { $0 = now }
    }

    /// Logs a failure once.
    private func attempt(_ failure: RecurringFailure, _ consequence: String, _ work: () throws -> Void) {
        do {
            try work()
            _ = failure.isOver()
        } catch {
            if failure.isNews(error) { logger.warning("\(consequence)", metadata: ["error": "\(error)"]) }
        }
    }
}
