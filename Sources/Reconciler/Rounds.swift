// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Logging
import Net
import Relay
import Store

/// One round of the reconciler: reads what is desired, compares it with what the engine reports, applies the differences and acknowledges
/// the generation. Thread rule: one round at a time.
struct Rounds: Sendable {
    let database: Database
    let engine: Engine
    let recorder: ObservationRecorder
    let logger: Logger
    private let failure = RecurringFailure()

    init(database: Database, engine: Engine, recorder: ObservationRecorder, logger: Logger) {
        self.database = database
        self.engine = engine
        self.recorder = recorder
        self.logger = logger
    }

    /// What a round leaves for the next one.
    struct Reached {
        let generation: Int64
        /// When the next device expires.
        let nextExpiry: UnixTime?
        /// The wall clock at that time.
        let at: UnixTime
        /// False when the engine runs the generation and the Store could not take note of it.
        let isAcknowledged: Bool
    }

    /// Over what changed after `last`, over everything when that is nil. `committedAt` is when the oldest commit of this process was made
    /// that no round has read; nil when none is known. The second value is nil when nothing changed. Throws what the Store throws.
    func round(after last: Reached?, now: UnixTime, committedAt: Instant?) throws -> (Reached, ReconcileLoop.LastApply?) {
        let part = last.map { DesiredState.Part.changes(after: $0.generation) } ?? .all
        return try bring(try database.read { try DesiredState($0, part, now: now) }, after: last, now: now, committedAt: committedAt)
    }

    /// Over the devices whose key begins with one of these bytes, for what other rounds passed over. Nil while there are changes after `last`,
    /// which come first. Throws what the Store throws.
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
        let changes = Plan.changes(from: actual, to: desired.peers) { recorder.memory(of: $0) }
        let leaving = changes.compactMap(\.removedKey)
        if !leaving.isEmpty { recorder.recordCounts(of: .keys(Set(leaving)), at: now) }
        let report = engine.apply(changes, hubAddresses: desired.hubAddresses, generation: desired.generation.desired)
        // Checks try them again, and have nothing new to tell.
        if report.withoutRoom > 0, !desired.isCheck {
            logger.error(
                "the engine is full, and these devices have no connection until others are removed",
                metadata: ["devices": "\(report.withoutRoom)", "limit": "\(Engine.peerLimit)"])
        }
        var applied: ReconcileLoop.LastApply?
        if report.changedPeers > 0 || report.hubMoved {
            applied = ReconcileLoop.LastApply(
                changedPeers: report.changedPeers, sessionsDropped: report.keypairsDropped, duration: report.duration)
            var metadata: Logger.Metadata = [
                "generation": "\(desired.generation.desired)", "changed": "\(report.changedPeers)",
                "sessions_dropped": "\(report.keypairsDropped)",
            ]
            if report.hubMoved { metadata["hub"] = "\(desired.hubAddresses.map(\.description).joined(separator: ","))" }
            if let committedAt { metadata["delay_us"] = "\((Instant.now() - committedAt).nanoseconds / 1000)" }
            logger.info("applied", metadata: metadata)
        }
        let isAcknowledged = acknowledge(desired.generation, at: now)
        // A part may lack the next of all devices to expire, and the one known may have gone: then a full round comes a little too early.
        let earlier = desired.scope == .all ? nil : last?.nextExpiry
        let reached = Reached(
            generation: desired.generation.desired, nextExpiry: [earlier, desired.nextExpiry].compactMap { $0 }.min(), at: now,
            isAcknowledged: isAcknowledged)
        return (reached, applied)
    }

    /// The engine is right already: a Store that takes no note of it now is told again on the next beat.
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

    /// Tells the log of a failure once.
    func tell(_ error: any Error) {
        if failure.isNews(error) { logger.error("reconciling fails; the engine goes on with what it has", metadata: ["error": "\(error)"]) }
    }

    /// True once after a failure that the log was told of.
    func isFailureOver() -> Bool { failure.isOver() }
}
