// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store
import Synchronization

/// When sessions and tokens were last used, until the next beat writes it. So a request that only reads never waits for a writer.
/// Thread rule: any thread. One lock, held for one entry.
final class Activity: Sendable {
    private struct Notes {
        var sessions: [String: UnixTime] = [:]
        var tokens: [String: (time: UnixTime, address: String)] = [:]

        var isEmpty: Bool { sessions.isEmpty && tokens.isEmpty }
    }

    private let notes = Mutex(Notes())

    func note(session id: String, at time: UnixTime) { notes.withLock { $0.sessions[id] = time } }

    func note(token id: String, from address: String, at time: UnixTime) { notes.withLock { $0.tokens[id] = (time, address) } }

    /// Writes what was noted since the last call, in one transaction. What cannot be written is dropped: the next request notes it again.
    func write(to database: Database) throws {
        let taken = notes.withLock { notes in
            defer { notes = Notes() }
            return notes
        }
        guard !taken.isEmpty else { return }
        try database.write { transaction in
            for (id, time) in taken.sessions { try transaction.touchSession(id, at: time) }
            for (id, use) in taken.tokens { try transaction.noteUse(ofAPIToken: id, from: use.address, at: use.time) }
        }
    }
}
