// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import Store
import Synchronization

/// Does what time does by itself, on a thread of its own: takes back changes that nobody confirmed, removes one-time links that expired, some
/// of which carry a private key, and audit entries that are older than admins want. While the Store fails, the log tells of it once.
/// Thread rule: `start` and `stop` belong to one thread.
public final class Caretaker: Sendable {
    /// Seconds between two clearings of the audit log, since each leaves an entry there itself.
    static let retentionInterval: Int64 = 3600

    private let database: Database
    private let logger: Logger
    private let clock: @Sendable () -> UnixTime
    private let beat: Duration
    private let stopping: EventDescriptor
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<Linux.Thread?>(nil)
    private let lastRetention = Mutex<UnixTime?>(nil)
    private let (revertFailure, removalFailure) = (RecurringFailure(), RecurringFailure())

    /// `clock` is the wall clock, which may be set back and forth; `beat` is how often it is looked.
    public init(
        database: Database, logger: Logger, clock: @escaping @Sendable () -> UnixTime = { .now() }, beat: Duration = .seconds(2)
    ) throws(Errno) {
        self.database = database
        self.logger = logger
        self.clock = clock
        self.beat = beat
        stopping = try EventDescriptor()
    }

    /// Looks once on the calling thread, so that nobody sees a change whose time ran out while the hub was down, then goes on in a thread of
    /// its own.
    public func start() throws(Errno) {
        look(at: clock(), moment: .now)
        let started = try Linux.Thread(name: "caretaker") { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// Ends the thread, after what it is doing now.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        stopping.signal()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private func run() {
        guard var poller = try? Poller(capacity: 1), (try? poller.add(stopping.descriptor, token: 0, for: .readable)) != nil else {
            logger.critical("unconfirmed changes are not undone and nothing expires; restart the hub")
            return
        }
        while true {
            _ = try? poller.wait(timeout: beat)
            guard !isStopping.load(ordering: .acquiring) else { return }
            look(at: clock(), moment: .now)
        }
    }

    /// One round. `moment` is of a clock that nobody sets, by which no wait gets longer.
    func look(at now: UnixTime, moment: ContinuousClock.Instant) {
        attempt(revertFailure, "unconfirmed changes stay for now") { try database.revertUnconfirmed(at: now, moment: moment) }
        attempt(removalFailure, "links and audit entries whose time is over stay for now") { try removeWhatIsOver(at: now) }
    }

    private func removeWhatIsOver(at now: UnixTime) throws {
        let (links, entries) = try database.read { (try $0.hasExpiredLinks(at: now), try $0.hasOldAuditEntries(at: now)) }
        if links { try database.write { try $0.removeExpiredLinks(at: now) } }
        // By a clock that was set back the last time seems to be to come.
        let wasLately = lastRetention.withLock { $0.map { (0..<Self.retentionInterval).contains(now.seconds(since: $0)) } ?? false }
        guard entries, !wasLately else { return }
        try database.write { try $0.removeOldAuditEntries(at: now) }
        lastRetention.withLock { $0 = now }
    }

    /// Tells the log once of a failure.
    private func attempt(_ failure: RecurringFailure, _ consequence: String, _ work: () throws -> Void) {
        do {
            try work()
            _ = failure.isOver()
        } catch {
            if failure.isNews(error) { logger.warning("\(consequence)", metadata: ["error": "\(error)"]) }
        }
    }
}
