// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Logging
import Net
import Relay
import Store

/// One round of the reconciler: reads the desired state, compares it with the engine's report, applies the differences and acknowledges the
/// generation. Run one round at a time.
struct Rounds: Sendable {
    let database: Database
    let engine: Engine
    /// The way to the host on which the hub runs; nil without one.
    let host: HostInterface?
    let recorder: ObservationRecorder
    let logger: Logger
    private let names = NameBook()
    private let failure = RecurringFailure()

    init(database: Database, engine: Engine, host: HostInterface? = nil, recorder: ObservationRecorder, logger: Logger) {
        self.database = database
        self.engine = engine
        self.host = host
        self.recorder = recorder
        self.logger = logger
    }

    /// What a round passes to the next one.
    struct Reached {
        let generation: Int64
        /// When the next device expires.
        let nextExpiry: UnixTime?
        /// The wall-clock time of the round.
        let at: UnixTime
        /// False when the engine has applied the generation but the Store could not record that.
        let isAcknowledged: Bool
    }

    /// Handles the changes after `last`, or everything when that is nil. `committedAt` is when the oldest unread commit of this process was
    /// made; nil when there is none. The second value is nil when nothing changed. Throws the Store's errors.
    func round(after last: Reached?, now: UnixTime, committedAt: Instant?) throws -> (Reached, ReconcileLoop.LastApply?) {
        let part = last.map { DesiredState.Part.changes(after: $0.generation) } ?? .all
        return try bring(try database.read { try DesiredState($0, part, now: now) }, after: last, now: now, committedAt: committedAt)
    }

    /// Checks the devices whose key begins with one of these bytes, in case other rounds missed a difference. Nil while there are changes
    /// after `last`, which come first. Throws the Store's errors.
    func check(
        keysBeginning bytes: ClosedRange<UInt8>, after last: Reached, now: UnixTime
    ) throws -> (Reached, ReconcileLoop.LastApply?)? {
        let desired = try database.read { try DesiredState($0, .keysBeginning(with: bytes), now: now) }
        guard desired.generation.desired == last.generation else { return nil }
        return try bring(desired, after: last, now: now, committedAt: nil)
    }

    private func bring(
        _ desired: DesiredState, after last: Reached?, now: UnixTime, committedAt: Instant?
    ) throws -> (Reached, ReconcileLoop.LastApply?) {
        let actual = engine.configurations(of: desired.scope)
        if !desired.restarting.isEmpty {
            recorder.recordCounts(of: .keys(desired.restarting), at: now)
            try recorder.forgetTimes(of: desired.restarting)
        }
        let changes = Plan.changes(from: actual, to: desired.peers, restarting: desired.restarting) { recorder.memory(of: $0) }
        let leaving = Set(changes.compactMap(\.removedKey)).subtracting(desired.restarting)
        if !leaving.isEmpty { recorder.recordCounts(of: .keys(leaving), at: now) }
        let report = engine.apply(
            changes, hubAddresses: desired.hubAddresses, rules: desired.rules, zone: names.zone(after: desired),
            generation: desired.generation.desired)
        host?.follow(desired.hub)
        // Checks retry these devices without logging it again.
        if report.withoutRoom > 0, !desired.isCheck {
            logger.error(
                "the engine is full, and these devices have no connection until others are removed",
                metadata: ["devices": "\(report.withoutRoom)", "limit": "\(Engine.peerLimit)"])
        }
        var applied: ReconcileLoop.LastApply?
        if report.changedPeers > 0 || report.hubMoved || report.rulesChanged {
            applied = ReconcileLoop.LastApply(
                changedPeers: report.changedPeers, sessionsDropped: report.keypairsDropped, duration: report.duration)
            var metadata: Logger.Metadata = [
                "generation": "\(desired.generation.desired)", "changed": "\(report.changedPeers)",
                "sessions_dropped": "\(report.keypairsDropped)",
            ]
            if report.hubMoved { metadata["hub"] = "\(desired.hubAddresses.map(\.description).joined(separator: ","))" }
            if report.rulesChanged { metadata["rules"] = "\(desired.rules?.entries.count ?? 0)" }
            if let committedAt { metadata["delay_us"] = "\((Instant.now() - committedAt).nanoseconds / 1000)" }
            logger.info("applied", metadata: metadata)
        }
        let isAcknowledged = acknowledge(desired.generation, at: now)
        // A part may not include the device that expires next, and the known one may be gone. At worst, a full round runs a little too
        // early.
        let earlier = desired.scope == .all ? nil : last?.nextExpiry
        let reached = Reached(
            generation: desired.generation.desired, nextExpiry: [earlier, desired.nextExpiry].compactMap { $0 }.min(), at: now,
            isAcknowledged: isAcknowledged)
        return (reached, applied)
    }

    /// The engine is already correct. If the Store cannot record that now, the next beat tries again.
    private func acknowledge(_ generation: Generation, at now: UnixTime) -> Bool {
        guard generation.applied != generation.desired else { return true }
        do {
            try database.write { try $0.acknowledge(generation: generation.desired, at: now) }
            return true
        } catch {
            tell(error)
            return false
        }
    }

    /// Logs a failure once.
    func tell(_ error: any Error) {
        if failure.isNews(error) { logger.error("reconciling failed; the engine keeps its current state", metadata: ["error": "\(error)"]) }
    }

    /// True once after a logged failure.
    func isFailureOver() -> Bool { failure.isOver() }
}
