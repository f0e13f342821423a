// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Logging
import Net
import Relay
import Store
import Synchronization

/// Brings what the engine learned back to the Store, on a slow beat: where devices are, when they shook hands, how much they moved.
/// What a restart needs (endpoint, handshake, timestamp) is written as soon as it changes, byte counts once a minute.
final class ObservationRecorder: Sendable {
    private static let countsInterval: Duration = .seconds(60)
    /// Looks overlap, since the engine tells of a packet a little after it came.
    private static let overlap: Duration = .seconds(1)

    private struct State {
        /// As the Store had it when the engine began to count.
        var before: [PublicKey: Observation] = [:]
        var written: [PublicKey: Observation] = [:]
        var countsAt = Instant(nanoseconds: 0)
        var lookedAt = Instant(nanoseconds: 0)
    }

    private let database: Database
    private let engine: Engine
    private let logger: Logger
    private let state = Mutex(State())

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
    func observations(of peers: PeerSelection) -> [PublicKey: Observation] {
        let status = engine.status(of: peers)
        return state.withLock { state in
            var observations = peers == .all ? state.written : [:]
            for peer in status.peers {
                let observation = Translation.observation(of: peer, before: state.before[peer.publicKey])
                if !observation.isEmpty { observations[peer.publicKey] = observation }
            }
            return observations
        }
    }

    /// The beat: writes what is news of the peers that were active since the last one, and now and then the counts of all.
    func record() {
        let now = Instant.now()
        let (since, isTimeForCounts) = state.withLock { state in
            defer { state.lookedAt = now }
            return (state.lookedAt, now >= state.countsAt)
        }
        if isTimeForCounts {
            state.withLock { $0.countsAt = now + Self.countsInterval }
            recordCounts(of: .all)
        } else {
            write(.active(since: since - Self.overlap)) { $0.isNews(to: $1) }
        }
    }

    /// Writes all there is of these peers. A failure is logged and tried again when counts are due.
    func recordCounts(of peers: PeerSelection) { write(peers) { $0 != $1 } }

    private func write(_ peers: PeerSelection, where isWorthWriting: (_ seen: Observation, _ written: Observation) -> Bool) {
        let status = engine.status(of: peers)
        let changed: [Observation] = state.withLock { state in
            status.peers.compactMap { peer in
                let seen = Translation.observation(of: peer, before: state.before[peer.publicKey])
                guard let written = state.written[peer.publicKey] else { return seen.isEmpty ? nil : seen }
                return isWorthWriting(seen, written) ? seen : nil
            }
        }
        guard !changed.isEmpty else { return }
        do {
            try database.write { try $0.recordObservations(changed) }
            state.withLock { state in for observation in changed { state.written[observation.publicKey] = observation } }
        } catch {
            logger.error("observations were not written", metadata: ["error": "\(error)"])
        }
    }
}

extension Observation {
    /// Nothing was ever seen of this key.
    var isEmpty: Bool { self == Observation(publicKey: publicKey) }

    /// Something that a restart needs has changed.
    func isNews(to written: Observation) -> Bool {
        endpoint != written.endpoint || lastHandshakeAt != written.lastHandshakeAt || greatestTimestamp != written.greatestTimestamp
    }
}
