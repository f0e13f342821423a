// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Logging
import Net
import Store
import Synchronization

/// Watches expectations on its own thread. Records which of them no longer hold although nobody saved a change, because a device expired, and tests
/// them with pings once a night. A test that was missed, because the hub did not run, is made up for. While the Store fails, the failure is logged
/// once.
/// Thread rule: call `start` and `stop` from the same thread.
public final class ExpectationWatch: Sendable {
    /// The hour of the test, in UTC.
    private static let hour: Int64 = 3
    /// Seconds after which a test is due at any hour.
    private static let patience: Int64 = 30 * 3600
    /// Seconds between two tests at least.
    private static let pause: Int64 = 12 * 3600
    /// Pairs that are tested at the same time, and in one night.
    private static let (batch, limit) = (8, 400)

    private let database: Database
    private let logger: Logger
    private let clock: @Sendable () -> UnixTime
    private let probe: @Sendable ([LinkTest.Echo]) -> [ProbeOutcome]
    private let thread: BeatThread
    private let last = Mutex<UnixTime?>(nil)
    private let seen = Mutex<Scene?>(nil)
    private let failure = RecurringFailure()

    /// What decides whether expectations hold.
    private struct Scene: Equatable {
        let expectations: [String]
        let generation: Int64
        /// Time alone can only end the life of a device, so the number of living ones says whether it did.
        let activeCount: Int
    }

    /// `probe` sends echoes and returns their outcomes in order.
    public init(
        database: Database, logger: Logger, clock: @escaping @Sendable () -> UnixTime = { .now() }, beat: Duration = .seconds(60),
        probe: @escaping @Sendable ([LinkTest.Echo]) -> [ProbeOutcome]
    ) throws(Errno) {
        self.database = database
        self.logger = logger
        self.clock = clock
        self.probe = probe
        thread = try BeatThread(name: "expectations", beat: beat)
    }

    /// Starts the thread.
    public func start() throws(Errno) {
        try thread.start { [self] in
            look(at: clock())
        } orFail: { [logger] in
            logger.error("expectations are not tested; restart the hub")
        }
    }

    /// Ends the thread after the pings that are under way.
    public func stop() { thread.stop() }

    /// Looks whether all expectations still hold, and tests them if it is time.
    func look(at now: UnixTime) {
        do {
            let expectations = try database.read { try $0.expectations() }
            guard !expectations.isEmpty else { return }
            try note(expectations, at: now)
            let tested = [last.withLock { $0 }, expectations.compactMap { $0.test?.at }.max()].compactMap { $0 }.max()
            if Self.isDue(at: now, after: tested) {
                last.withLock { $0 = now }
                try test(expectations, at: now)
            }
            if failure.isOver() { logger.notice("expectations are watched again") }
        } catch {
            if failure.isNews(error) { logger.warning("expectations are not watched for now", metadata: ["error": "\(error)"]) }
        }
    }

    private func note(_ expectations: [Expectation], at now: UnixTime) throws {
        let overview = try database.read { try $0.overview(status: HubStatus(), now: now) }
        let scene = Scene(
            expectations: expectations.map(\.id), generation: overview.generation.desired,
            activeCount: overview.devices.count { $0.isActive(at: now) })
        guard seen.withLock({ $0 }) != scene else { return }
        let news = try database.noteExpectations(at: now)
        seen.withLock { $0 = scene }
        for breach in news.broken {
            logger.warning(
                "an expectation no longer holds", metadata: ["expectation": "\(breach.sentence)", "reason": "\(breach.reasons)"])
        }
        for expectation in news.kept {
            logger.notice(
                "an expectation holds again", metadata: ["expectation": "\(expectation.sentence { overview.index[$0]?.name })"])
        }
    }

    private static func isDue(at now: UnixTime, after tested: UnixTime?) -> Bool {
        let isNight = now.seconds % 86_400 / 3600 == hour
        // A time in the future is from before the clock was set back.
        guard let tested, tested <= now else { return isNight }
        let age = now.seconds(since: tested)
        return isNight && age >= pause || age >= patience
    }

    /// Begins with those that were tested longest ago, so that each has its turn.
    private func test(_ expectations: [Expectation], at now: UnixTime) throws {
        let overview = try database.read { try $0.overview(status: HubStatus(), now: now) }
        let order = expectations.sorted { ($0.test?.at.seconds ?? 0) < ($1.test?.at.seconds ?? 0) }
        var left = Self.limit
        for expectation in order where left > 0 {
            guard let pings = ExpectationPings(expectation, in: overview) else { continue }
            left -= pings.pairs.count
            guard let outcomes = outcomes(of: pings) else { return }
            let test = pings.result(outcomes, at: now)
            try database.write { try $0.recordTest(test, ofExpectation: expectation.id) }
            guard let failed = test.firstFailure else { continue }
            logger.warning(
                "an expectation failed its test",
                metadata: [
                    "expectation": "\(expectation.sentence { overview.index[$0]?.name })", "first": "\(failed.from) to \(failed.to)",
                    "failed": "\(test.failed)",
                ])
        }
    }

    /// Sends the pings, a few pairs at a time. Nil if the hub stops.
    private func outcomes(of pings: ExpectationPings) -> [[ProbeOutcome]]? {
        var outcomes: [[ProbeOutcome]] = []
        for start in stride(from: 0, to: pings.pairs.count, by: Self.batch) {
            guard !thread.isStopping else { return nil }
            let pairs = pings.pairs[start..<min(start + Self.batch, pings.pairs.count)]
            var answers = probe(pairs.flatMap(\.echoes))[...]
            for pair in pairs {
                outcomes.append(Array(answers.prefix(pair.echoes.count)))
                answers = answers.dropFirst(pair.echoes.count)
            }
        }
        return outcomes
    }
}
